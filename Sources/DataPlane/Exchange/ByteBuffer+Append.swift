import NIOCore

extension ByteBuffer {
    /// Appends `part`; without a copy if the buffer is empty, as usual.
    mutating func append(_ part: ByteBuffer) {
        if readableBytes == 0 { self = part } else { writeImmutableBuffer(part) }
    }
}
