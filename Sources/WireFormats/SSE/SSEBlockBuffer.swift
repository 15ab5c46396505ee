import NIOCore

/// Holds the block of an event stream that has not ended yet, between two parts.
struct SSEBlockBuffer {
    let limit: Int
    var framing = SSEFraming()
    private var open = ByteBuffer()

    init(limit: Int) {
        self.limit = limit
    }

    /// The open block and the new part in one piece: the part itself when no block is open. Takes the open block out.
    mutating func join(_ part: ByteBuffer) -> ByteBuffer {
        guard open.readableBytes > 0 else { return part }
        var joined = open
        open = ByteBuffer()
        joined.writeImmutableBuffer(part)
        return joined
    }

    /// Keeps what follows `end` for the next part. False if that is more than the limit.
    mutating func keep(_ source: ByteBuffer, from end: Int) -> Bool {
        let count = source.readableBytes - end
        guard count <= limit else { return false }
        if end == 0 {
            open = source
        } else if count > 0 {
            // A copy, so that the rest of the part can be let go of.
            open = source.withBytes { ByteBuffer(bytes: $0.part(end..<end + count).buffer) }
        }
        return true
    }
}
