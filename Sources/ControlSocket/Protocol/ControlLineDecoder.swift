import NIOCore

/// Splits the bytes of a connection into lines, and rejects a line over the limit before it is complete.
struct ControlLineDecoder: NIOSingleStepByteToMessageDecoder {
    /// 1 MiB, without the line feed.
    static let maximumLength = 1 << 20

    typealias InboundOut = ByteBuffer

    struct LineTooLong: Error {}

    /// The sender has ended its side within a line.
    struct LineIncomplete: Error {}

    /// The length of the searched part of the buffer, which holds no line feed, so that a slow sender does not cause
    /// repeated searches.
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

    /// A last line without a line feed is not a request: the sender may have died while writing it.
    mutating func decodeLast(buffer: inout ByteBuffer, seenEOF: Bool) throws -> ByteBuffer? {
        if let line = try decode(buffer: &buffer) { return line }
        guard seenEOF, buffer.readableBytes > 0 else { return nil }
        throw LineIncomplete()
    }
}
