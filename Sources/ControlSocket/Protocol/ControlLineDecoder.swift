import NIOCore

/// Cuts the bytes of a connection into lines, and gives up on a line over the limit before it is whole.
struct ControlLineDecoder: NIOSingleStepByteToMessageDecoder {
    /// Bytes, 1 MiB, without the line's end.
    static let maximumLength = 1 << 20

    typealias InboundOut = ByteBuffer

    struct LineTooLong: Error {}

    /// How much of the buffer is known to hold no line's end, so that a slow sender does not make it be searched again.
    private var searched = 0

    mutating func decode(buffer: inout ByteBuffer) throws -> ByteBuffer? {
        let view = buffer.readableBytesView.dropFirst(searched)
        guard let end = view.firstIndex(of: UInt8(ascii: "\n")) else {
            searched = buffer.readableBytes
            guard searched <= Self.maximumLength else { throw LineTooLong() }
            return nil
        }
        searched = 0
        let length = end - buffer.readerIndex
        guard length <= Self.maximumLength else { throw LineTooLong() }
        let line = buffer.readSlice(length: length)
        buffer.moveReaderIndex(forwardBy: 1)
        return line
    }

    /// A last line without its end is not a request: the sender may have died in the middle of it.
    mutating func decodeLast(buffer: inout ByteBuffer, seenEOF: Bool) throws -> ByteBuffer? {
        try decode(buffer: &buffer)
    }
}
