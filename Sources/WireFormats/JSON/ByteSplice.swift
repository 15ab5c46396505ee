import NIOCore

/// The edited form of some bytes, made front to back. While there is no edit nothing is copied.
struct ByteSplice {
    private var edited: ByteBuffer?
    /// Bytes of the source that are dealt with.
    private var taken = 0

    /// How many bytes there are in the place of those before `offset` of the source, which is not less than what is
    /// dealt with.
    @inline(__always)
    func count(upTo offset: Int) -> Int {
        edited.map { $0.readableBytes + offset - taken } ?? offset
    }

    /// Leaves out `range` of the source; what is appended next stands in its place.
    mutating func cut(_ range: Range<Int>, of source: Bytes) {
        if edited == nil { edited = ByteBufferAllocator().buffer(capacity: source.count + source.count / 4 + 256) }
        edited?.writeBytes(source.part(taken..<range.lowerBound).buffer)
        taken = range.upperBound
    }

    /// Appends bytes of another origin.
    mutating func append(_ bytes: Bytes) {
        edited?.writeBytes(bytes.buffer)
    }

    /// Appends bytes of another origin.
    mutating func append(_ text: StaticString) {
        append(text.bytes)
    }

    /// Appends bytes of another origin.
    mutating func append(_ bytes: ByteBuffer) {
        edited?.writeImmutableBuffer(bytes)
    }

    /// The edited bytes up to `end` of the source, or nil if there was no edit and the source can be used as it is.
    consuming func finish(_ source: Bytes, upTo end: Int) -> ByteBuffer? {
        guard var result = edited else { return nil }
        edited = nil
        if taken < end { result.writeBytes(source.part(taken..<end).buffer) }
        return result
    }
}
