import Egress
import NIOCore
import Testing

@Suite struct UnsentBodyTests {
    @Test(arguments: [
        [], [0], [0, 0], [1], [65_536], [65_537], [0, 1, 0], [3, 65_536, 0, 200_000, 0], [0, 65_535, 65_536, 131_072],
    ])
    func `Pieces are the body`(sizes: [Int]) {
        let slices = sizes.enumerated().map { index, size in
            ByteBuffer(bytes: (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ index) })
        }
        var unsent = UnsentBody(slices)
        var pieces: [ByteBuffer] = []
        while let piece = unsent.next() { pieces.append(piece) }
        #expect(unsent.isEmpty)
        #expect(pieces.flatMap { $0.readableBytesView } == slices.flatMap { $0.readableBytesView })
        #expect(pieces.allSatisfy { (1...UnsentBody.pieceSize).contains($0.readableBytes) })
        // No piece spans two slices: each slice has as few pieces as its size allows.
        #expect(pieces.count == sizes.reduce(0) { $0 + ($1 + 65_535) / 65_536 })
    }

    @Test func `The end is known before it is reached`() {
        var unsent = UnsentBody([ByteBuffer(repeating: 1, count: 65_537), ByteBuffer()])
        #expect(unsent.next()?.readableBytes == 65_536)
        #expect(!unsent.isEmpty)
        #expect(unsent.next()?.readableBytes == 1)
        #expect(unsent.isEmpty)
        #expect(UnsentBody([ByteBuffer()]).isEmpty)
    }

    @Test func `A slice can start within its storage`() {
        var slice = ByteBuffer(string: "abcdef")
        slice.moveReaderIndex(forwardBy: 2)
        var unsent = UnsentBody([slice])
        #expect(unsent.next().map { String(buffer: $0) } == "cdef")
    }
}
