package import GatewayCore
package import NIOCore

/// Reads the stream of a provider for callers of one family: one event after the other, and says what becomes of each.
package protocol StreamReader: Sendable {
    /// The last usage that the upstream reported.
    var usage: TokenUsage? { get }

    /// Whether something has come that another attempt would bring otherwise.
    var hasContent: Bool { get }

    /// Whether everything has come, by the family's own rule.
    var isComplete: Bool { get }

    /// The bytes of generated content that have come, as they are written in the events: what the output is estimated
    /// by if the provider reports no usage.
    var outputBytes: Int64 { get }

    /// Whether the caller has asked for the usage and it has not come.
    var lacksRequestedUsage: Bool { get }

    /// What the upstream has reported to have gone wrong, in a stream that may yet say how it ends.
    var failure: RelayError? { get }

    /// The errors, as JSON, in events that were forwarded since the last call, to be searched for secrets.
    mutating func takeErrorTexts() -> [String]

    /// The error, as JSON, of the event that tells callers of a failure, to be searched for secrets.
    var failedText: String? { get }

    /// What is still to be sent when the stream is complete and ended without its last event.
    var closingEvents: ByteBuffer { get }

    /// The id of a kept response, once it has come.
    var responseID: String? { get }

    /// `error` as an event of the caller's family that can end the stream here.
    func errorEvent(_ error: GatewayError, requestID: String) -> ByteBuffer

    /// Reads the data of the event `name`, nil if the stream gives it none.
    ///
    /// - Parameters:
    ///   - model: the caller's name of the model, as JSON.
    ///   - edits: what has to change in the data is appended, in order.
    /// - Throws: what ends the relay before this event.
    mutating func read(
        _ data: Bytes, named name: Bytes?, model: Bytes, edits: inout [EventEdit]
    ) throws(RelayError) -> EventDisposition
}

extension StreamReader {
    /// False: most families report their usage with the end.
    package var lacksRequestedUsage: Bool { false }

    /// None: what the family's streams report ends them.
    package mutating func takeErrorTexts() -> [String] { [] }

    /// None, for the same reason.
    package var failedText: String? { nil }
}

/// What becomes of an event.
package enum EventDisposition {
    /// It goes out with its edits.
    case forward
    /// It does not go out.
    case drop
    /// These complete events go out in its place, which may be none; its edits do not count.
    case replace(ByteBuffer)
    /// It goes out, and nothing that follows counts.
    case forwardAndFinish
    /// Likewise, with these complete events in its place.
    case replaceAndFinish(ByteBuffer)
    /// Likewise, but it does not go out.
    case finish
    /// It tells callers of a failure, after which the relay cannot go on.
    case fail(RelayError)
}

/// A change of an event's data: `range` is replaced by `text` and what follows it.
package struct EventEdit {
    package enum Tail {
        case nothing
        /// The model that the caller asked for.
        case model
        /// A copy of other bytes of the data.
        case copy(Range<Int>)
    }

    let range: Range<Int>
    let text: StaticString
    let tail: Tail

    package init(range: Range<Int>, text: StaticString, tail: Tail) {
        self.range = range
        self.text = text
        self.tail = tail
    }

    /// Gives the model its name for the caller. Nil if it has it already, or is no name.
    init?(of value: JSONValue, in bytes: Bytes, to model: Bytes) {
        guard value.kind == .string, !bytes.has(model, at: value.span) else { return nil }
        self.init(range: value.span, text: "", tail: .model)
    }
}

extension Bytes {
    /// Whether there is nothing but white space.
    @inline(__always)
    var isBlank: Bool {
        guard count == 0 || Byte.isWhitespace(self[0]) else { return false }
        return buffer.allSatisfy(Byte.isWhitespace)
    }

    /// `[DONE]`, with which the streams of chat end, and some others; white space may surround it.
    @inline(__always)
    var isDone: Bool {
        guard count >= 6, self[0] == Byte.openBracket || Byte.isWhitespace(self[0]) else { return false }
        let start = buffer.firstIndex { !Byte.isWhitespace($0) } ?? 0
        return start + 6 <= count && has("[DONE]", at: start..<start + 6) && part(start + 6..<count).isBlank
    }
}
