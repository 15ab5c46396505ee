import NIOCore

extension ByteBuffer {
    /// Adds `part`; without a copy if it is the first, as it mostly is.
    mutating func append(_ part: ByteBuffer) {
        if readableBytes == 0 { self = part } else { writeImmutableBuffer(part) }
    }
}
