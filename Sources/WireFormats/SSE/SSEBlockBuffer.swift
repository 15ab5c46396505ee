import NIOCore

/// Keeps the incomplete block of an event stream between two parts.
struct SSEBlockBuffer {
    let limit: Int
    var framing = SSEFraming()
    private var open = ByteBuffer()

    init(limit: Int) {
        self.limit = limit
    }

    /// The open block and the new part in one buffer: the part itself if no block is open. Removes the open block.
    mutating func join(_ part: ByteBuffer) -> ByteBuffer {
        guard open.readableBytes > 0 else { return part }
        var joined = open
        open = ByteBuffer()
        joined.writeImmutableBuffer(part)
        return joined
    }

    /// Keeps the bytes after `end` for the next part. False if they exceed the limit.
    mutating func keep(_ source: ByteBuffer, from end: Int) -> Bool {
        let count = source.readableBytes - end
        guard count <= limit else { return false }
        if end == 0 {
            open = source
        } else if count > 0 {
            // A copy, so that the memory of the part can be released.
            open = source.withBytes { ByteBuffer(bytes: $0.part(end..<end + count).buffer) }
        }
        return true
    }
}
