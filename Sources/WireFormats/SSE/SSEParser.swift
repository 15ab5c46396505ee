public import NIOCore

/// One event of a stream.
public struct SSEEvent: Sendable, Equatable {
    /// The event's type; `message` when none was given.
    public let name: String
    /// The data as it came, lines joined by line feeds. UTF-8 by the standard, but not checked.
    public let data: ByteBuffer

    /// An event.
    public init(name: String = "message", data: ByteBuffer) {
        self.name = name
        self.data = data
    }
}

/// Reads server-sent events (WHATWG HTML, section 9.2.6) from bytes in parts of any size. Comments, `id` and `retry` are
/// passed over; an event that is not followed by a blank line is none.
public struct SSEParser: Sendable {
    /// An event grew beyond the limit.
    public struct EventTooLarge: Error, Sendable, Equatable {
        /// The limit, in bytes.
        public let limit: Int
    }

    /// The largest event by default: 32 MiB, as much as a request may have. The last event of a response repeats all of its images.
    public static let defaultLimit = 32 * 1024 * 1024

    private var blocks: SSEBlockBuffer
    private var isFirst = true

    /// A parser that holds at most `limit` bytes of an event that has not ended.
    public init(limit: Int = SSEParser.defaultLimit) {
        blocks = SSEBlockBuffer(limit: limit)
    }

    /// The events that `part` completes. Throws when the open event is too large; nothing can be read after that.
    public mutating func receive(_ part: ByteBuffer) throws(EventTooLarge) -> [SSEEvent] {
        var events: [SSEEvent] = []
        let source = blocks.join(part)
        let end = source.withBytes { bytes in
            var end = 0
            while let block = blocks.framing.next(bytes, from: end) {
                if let event = Self.event(block, bytes, isFirst: isFirst) { events.append(event) }
                isFirst = false
                end = block.range.upperBound
            }
            return end
        }
        guard blocks.keep(source, from: end) else { throw EventTooLarge(limit: blocks.limit) }
        return events
    }

    private static func event(
        _ block: SSEFraming.Block, _ bytes: Bytes, isFirst: Bool
    ) -> SSEEvent? {
        let fields = SSEFields(block, of: bytes, isFirst: isFirst)
        guard let data = fields.data else { return nil }
        let name = fields.name.map { String(decoding: bytes.part($0).buffer, as: UTF8.self) } ?? ""
        let joined =
            fields.hasMoreData
            ? ByteBuffer(bytes: SSEFields.joinedData(block, of: bytes, isFirst: isFirst))
            : ByteBuffer(bytes: bytes.part(data).buffer)
        return SSEEvent(name: name.isEmpty ? "message" : name, data: joined)
    }
}
