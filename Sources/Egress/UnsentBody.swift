package import NIOCore

/// The part of a complete body that is not written yet. It is written in pieces, so that the bytes that wait in the
/// channel, and in TLS, stay few.
package struct UnsentBody {
    package static let pieceSize = 64 * 1024

    private var slices: [ByteBuffer] = []
    private var index = 0
    /// The bytes of the slice at `index` that are already written.
    private var offset = 0

    package init(_ slices: [ByteBuffer] = []) {
        self.slices = slices
        skipToNextByte()
    }

    package var isEmpty: Bool { index == slices.count }

    /// The next piece: within one slice, never empty, at most `pieceSize` bytes. Nil at the end.
    package mutating func next() -> ByteBuffer? {
        guard !isEmpty else { return nil }
        let slice = slices[index]
        let length = min(slice.readableBytes - offset, Self.pieceSize)
        let piece = slice.getSlice(at: slice.readerIndex + offset, length: length)
        offset += length
        skipToNextByte()
        return piece
    }

    private mutating func skipToNextByte() {
        while index < slices.count, offset == slices[index].readableBytes {
            index += 1
            offset = 0
        }
    }
}
