import CRC32C
import Testing

@Suite struct CRC32CTests {
    /// RFC 3720, appendix B.4, and the usual check of `123456789`.
    static let known: [(bytes: [UInt8], crc: UInt32)] = [
        ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
        ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
        ((0..<32).map { UInt8($0) }, 0x46DD_794E),
        ((0..<32).map { UInt8(31 - $0) }, 0x113F_DB5C),
        (
            [
                0x01, 0xC0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x14, 0, 0, 0, 0, 0, 0x04, 0, 0, 0, 0, 0x14, 0, 0,
                0, 0x18, 0x28, 0, 0, 0, 0, 0, 0, 0, 0x02, 0, 0, 0, 0, 0, 0, 0,
            ], 0xD996_3A56
        ),
        (Array("123456789".utf8), 0xE306_9283),
        ([], 0),
    ]

    @Test(arguments: known.indices) func `The known answers come out, with and without instructions`(index: Int) {
        let (bytes, crc) = Self.known[index]
        #expect(crc32c(0, bytes, bytes.count) == crc)
        #expect(crc32c_portable(0, bytes, bytes.count) == crc)
    }

    @Test func `A checksum continues, and both ways agree at every length`() {
        var random = SplitMix(state: 1)
        let bytes = (0..<257).map { _ in UInt8.random(in: 0...255, using: &random) }
        for length in 0...bytes.count {
            let whole = crc32c(0, bytes, length)
            #expect(whole == crc32c_portable(0, bytes, length))
            let split = length / 3
            let rest = Array(bytes[split..<length])
            #expect(crc32c(crc32c(0, bytes, split), rest, rest.count) == whole)
        }
    }
}
