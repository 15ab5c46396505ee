import ContentCoding
import Foundation
import NIOCore
import Testing

/// The inputs were made by Python's zlib and gzip, and by the command zstd.
@Suite struct ContentDecoderTests {
    private static let text = "hello, hello, hello\n"
    private static let encoded: [(ContentCoding, [UInt8])] = [
        (.gzip, bytes("H4sIAAAAAAACA8tIzcnJ11HIQKK4AOdCblIUAAAA")), (.deflate, bytes("eJzLSM3JyddRyECiuABLBwbf")),
        (.deflate, bytes("y0jNycnXUchAorgA")), (.zstd, bytes("KLUv/QRodQAAQGhlbGxvLCAKAQDiihEhaZ2H")),
    ]

    /// 2 MB of zeros.
    private static let bomb =
        "H4sIAAAAAAACA+3BAQEAAACCIP+vbkhAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        + "AAAAAAAAAAAAAAAAbwZBHVpCgIQeAA=="

    private static func bytes(_ base64: String) -> [UInt8] {
        Array(Data(base64Encoded: base64) ?? Data())
    }

    /// The decoded text, with the input in parts of `size` bytes.
    private func decode(_ coding: ContentCoding, _ bytes: [UInt8], by size: Int = .max) throws -> String {
        let decoder = try ContentDecoder(coding)
        var text = ""
        var rest = bytes[...]
        while !rest.isEmpty {
            decoder.feed(ByteBuffer(bytes: rest.prefix(size)))
            rest = rest.dropFirst(size)
            while let piece = try decoder.next() { text += String(buffer: piece) }
        }
        try decoder.finish()
        return text
    }

    @Test(arguments: encoded) func `Content is decoded however it is split`(coding: ContentCoding, bytes: [UInt8])
        throws
    {
        for size in [1, 2, 3, 7, .max] {
            let text = try decode(coding, bytes, by: size)
            #expect(text == Self.text, "in parts of \(size)")
        }
    }

    @Test(arguments: encoded) func `Content that ends too soon is truncated`(coding: ContentCoding, bytes: [UInt8])
        throws
    {
        for count in 1..<bytes.count {
            #expect(throws: ContentCodingError.self, "\(count) bytes") {
                try decode(coding, Array(bytes.prefix(count)))
            }
        }
    }

    @Test(arguments: ContentCoding.allCases) func `Anything else is malformed`(coding: ContentCoding) throws {
        #expect(throws: ContentCodingError.malformed) {
            try decode(coding, Array(repeating: 0xFF, count: 64))
        }
    }

    @Test(arguments: ContentCoding.allCases) func `Nothing is complete`(coding: ContentCoding) throws {
        let text = try decode(coding, [])
        #expect(text.isEmpty)
    }

    @Test func `Several members of gzip and frames of zstd follow each other`() throws {
        for (coding, bytes) in Self.encoded where coding != .deflate {
            for size in [1, 5, .max] {
                let text = try decode(coding, bytes + bytes, by: size)
                #expect(text == Self.text + Self.text)
            }
        }
    }

    @Test func `Bytes behind the end are malformed`() throws {
        for (coding, bytes) in Self.encoded {
            #expect(throws: ContentCodingError.self, "\(coding)") { try decode(coding, bytes + [1, 2, 3]) }
        }
    }

    /// 2 MB of zeros.
    @Test(arguments: [
        (ContentCoding.gzip, bomb),
        (
            .zstd,
            "KLUv/QRoTAAACAABAPz/ORACAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAADJAQADsl01w=="
        ),
    ])
    func `A piece is bounded however much the input stands for`(coding: ContentCoding, input: String) throws {
        let decoder = try ContentDecoder(coding)
        decoder.feed(ByteBuffer(bytes: Self.bytes(input)))
        var total = 0
        while let piece = try decoder.next() {
            #expect(piece.readableBytes <= ContentDecoder.pieceBytes)
            total += piece.readableBytes
        }
        try decoder.finish()
        #expect(total == 2_000_000)
        #expect(decoder.workingBytes < 9 << 20)
    }

    /// RFC 9659, section 3.
    @Test func `A window of more than 8 MiB is refused`() throws {
        #expect(throws: ContentCodingError.malformed) {
            // Magic, a descriptor without a single segment, a window of 2^27, then a raw block.
            try decode(.zstd, [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x88, 0x09, 0x00, 0x00, 0x61])
        }
    }

    @Test(arguments: [("gzip", ContentCoding.gzip), ("X-GZIP", .gzip), ("deflate", .deflate), ("Zstd", .zstd)])
    func `Names ignore case`(name: String, coding: ContentCoding) {
        #expect(ContentCoding(name: name) == coding)
        #expect(ContentCoding(name: "br") == nil)
    }
}
