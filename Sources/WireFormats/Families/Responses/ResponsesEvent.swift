/// The facts of one event of a streamed response, found in one pass.
struct ResponsesEvent {
    enum Kind {
        /// `response.created`, `response.queued`, `response.in_progress`: another attempt would send the same.
        case announcement
        /// `response.completed`, `response.incomplete`.
        case completed
        /// `response.failed`.
        case failed
        /// `error`.
        case error
        case other
    }

    private(set) var kind = Kind.other
    private var hasType = false
    private(set) var sequenceNumber: Int64?
    /// `response.id`, with its quotes.
    private(set) var id: Range<Int>?
    /// `response.usage`, if it is an object.
    private(set) var usage: Range<Int>?
    /// The bytes of `delta`, as it is written: the events that repeat it whole have none.
    private(set) var deltaBytes = 0
    /// `response.error`, if it is not null.
    private(set) var error: Range<Int>?

    /// Reads an event's data, and appends its edits, in order. Throws if it is not a JSON object.
    init(_ bytes: Bytes, quotedModel: Bytes, edits: inout [EventEdit]) throws(RelayError) {
        var scanner = JSONScanner(bytes, .answer)
        do throws(JSONSyntaxError) {
            try readEvent(&scanner, quotedModel, &edits)
            try scanner.finish()
        } catch {
            throw .malformed("the data of an event is not a JSON object: \(error.sentence)")
        }
        guard hasType else { throw .malformed("an event has no type: it belongs to another family") }
    }

    private mutating func readEvent(
        _ scanner: inout JSONScanner, _ quotedModel: Bytes, _ edits: inout [EventEdit]
    ) throws(JSONSyntaxError) {
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            if scanner.isEqual(key, "response"), try scanner.peek() == Byte.openBrace {
                try readResponse(&scanner, quotedModel, &edits)
                continue
            }
            let value = try scanner.value()
            if scanner.isEqual(key, "sequence_number") {
                sequenceNumber = scanner.integer(value)
            } else if scanner.isEqual(key, "type"), value.kind == .string {
                kind = Self.kind(scanner.bytes, value.span)
                hasType = true
            } else if scanner.isEqual(key, "delta"), value.hasContents {
                deltaBytes = value.span.count
            } else if scanner.isEqual(key, "model"), let edit = EventEdit(of: value, in: scanner.bytes, to: quotedModel)
            {
                // LiteLLM 1.108 adds it to every event.
                edits.append(edit)
            }
        }
    }

    private static func kind(_ bytes: Bytes, _ span: Range<Int>) -> Kind {
        let announcements: [StaticString] = [
            #""response.created""#, #""response.queued""#, #""response.in_progress""#,
        ]
        if announcements.contains(where: { bytes.has($0, at: span) }) { return .announcement }
        if bytes.has(#""response.completed""#, at: span) || bytes.has(#""response.incomplete""#, at: span) {
            return .completed
        }
        if bytes.has(#""response.failed""#, at: span) { return .failed }
        return bytes.has(#""error""#, at: span) ? .error : .other
    }

    private mutating func readResponse(
        _ scanner: inout JSONScanner, _ quotedModel: Bytes, _ edits: inout [EventEdit]
    ) throws(JSONSyntaxError) {
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            let value = try scanner.value()
            if scanner.isEqual(key, "model") {
                if let edit = EventEdit(of: value, in: scanner.bytes, to: quotedModel) { edits.append(edit) }
            } else if scanner.isEqual(key, "id") {
                if value.kind == .string { id = value.span }
            } else if scanner.isEqual(key, "usage") {
                if value.kind == .object { usage = value.span }
            } else if scanner.isEqual(key, "error") {
                if value.kind != .null { error = value.span }
            }
        }
    }
}
