import GatewayCore
import NIOCore

/// Relays a whole answer of any family as it comes, in parts of any size: the bytes go through untouched but for the
/// top-level `model`, which becomes the one that the caller asked for.
///
/// The answer is checked on the way and never held; what is kept is at most one `usage` or `error` value of 64 KiB.
struct WholeAnswerRelay: Sendable {
    /// The answer's top-level `usage`, once it has come.
    private(set) var usage: TokenUsage?

    /// The id of a response, once it has come.
    private(set) var responseID: String?

    /// Whether the answer has come to its end.
    var isComplete: Bool { object.isEnded && fault == nil }

    private enum Member {
        case other, model, usage, error, id
    }

    private static let captureLimit = 64 * 1024

    private let operation: APIOperation
    private let quotedModel: [UInt8]
    private var object = JSONObjectStream()
    private var member = Member.other
    /// The value at hand began in an earlier part.
    private var isContinued = false
    private var capture: [UInt8] = []
    private var hasResult = false
    private var hasError = false
    private var report = UpstreamErrorBody()
    private var fault: RelayError?

    /// A relay for the answer to `operation` that tells the caller `clientModel` as the model's name.
    init(_ operation: APIOperation, clientModel: String) {
        self.operation = operation
        quotedModel = JSONText.quoted(clientModel)
    }

    /// Takes the next part of the answer; returns what to send on for it, which is `part` itself if nothing changes.
    ///
    /// An answer that is an error although its status was 200 is a fault at its end, not before. A part with a fault
    /// in it gives no bytes: half an object is of no use to anybody.
    mutating func receive(_ part: ByteBuffer) -> RelayOutput {
        guard fault == nil else { return RelayOutput(bytes: ByteBuffer(), fault: fault) }
        var edited: ByteBuffer?
        part.withBytes { bytes in
            var splice = ByteSplice()
            do throws(JSONSyntaxError) {
                try read(bytes, &splice)
            } catch {
                fault = .malformed("the answer is not valid JSON: \(error.sentence)")
            }
            edited = splice.finish(bytes, upTo: bytes.count)
        }
        guard fault == nil else { return RelayOutput(bytes: ByteBuffer(), fault: fault) }
        return RelayOutput(bytes: edited ?? part)
    }

    /// Says that the upstream's body has ended.
    mutating func finish() -> RelayOutput {
        if fault == nil, !object.isEnded { fault = .truncated }
        return RelayOutput(bytes: ByteBuffer(), fault: fault)
    }

    private mutating func read(_ bytes: Bytes, _ splice: inout ByteSplice) throws(JSONSyntaxError) {
        var index = 0
        var start = 0
        while let step = try object.next(bytes, &index) {
            switch step {
            case .valueBegan(let at, let first):
                start = at
                isContinued = false
                begin(first)
            case .valueEnded(let end):
                finishValue(start..<end, bytes, &splice)
                isContinued = false
                member = .other
            case .ended: check()
            }
        }
        if member != .other { suspendValue(start..<bytes.count, bytes, &splice) }
    }

    private mutating func begin(_ first: UInt8) {
        if object.isKey(resultKey) {
            hasResult = first == Byte.openBracket
        } else if object.isKey("model"), first == Byte.quote {
            member = .model
        } else if operation == .responses, object.isKey("id"), first == Byte.quote {
            member = .id
        } else if object.isKey("usage"), first == Byte.openBrace {
            member = .usage
        } else if object.isKey("error") {
            hasError = first != UInt8(ascii: "n")
            member = hasError ? .error : .other
        }
    }

    /// The part ends within a value that matters.
    private mutating func suspendValue(
        _ range: Range<Int>, _ bytes: Bytes, _ splice: inout ByteSplice
    ) {
        if member == .model {
            replace(range, bytes, &splice)
        } else if capture.count <= Self.captureLimit {
            capture.append(contentsOf: bytes.part(range).buffer.prefix(Self.captureLimit + 1 - capture.count))
        }
        isContinued = true
    }

    private mutating func finishValue(
        _ range: Range<Int>, _ bytes: Bytes, _ splice: inout ByteSplice
    ) {
        switch member {
        case .other: return
        case .model:
            let isSame = !isContinued && quotedModel.withBytes { bytes.has($0, at: range) }
            if !isSame { replace(range, bytes, &splice) }
        case .usage, .error, .id:
            guard isContinued else { return take(bytes.part(range)) }
            suspendValue(range, bytes, &splice)
            let whole = capture
            capture = []
            if whole.count <= Self.captureLimit { whole.withBytes { take($0) } }
        }
    }

    private mutating func take(_ value: Bytes) {
        if member == .usage {
            usage = reported(value) ?? usage
        } else if member == .id {
            responseID = JSONText.text(value)
        } else {
            report = UpstreamErrorBody(error: value)
        }
    }

    private func reported(_ usage: Bytes) -> TokenUsage? {
        switch operation {
        case .chat: TokenUsage(openAI: usage)
        case .responses: TokenUsage(responses: usage)
        case .embeddings: TokenUsage(embeddings: usage)
        }
    }

    /// The new name goes out with the first piece of the old one.
    private func replace(_ range: Range<Int>, _ bytes: Bytes, _ splice: inout ByteSplice) {
        splice.cut(range, of: bytes)
        if !isContinued { quotedModel.withBytes { splice.append($0) } }
    }

    /// The list without which it is no answer.
    private var resultKey: StaticString {
        switch operation {
        case .chat: "choices"
        case .responses: "output"
        case .embeddings: "data"
        }
    }

    private mutating func check() {
        // A failed response has an `output` too, as far as it came.
        if hasError, !hasResult || operation == .responses {
            fault = .upstreamReportedError(report)
        } else if !hasResult {
            fault = .malformed("the answer has no \(resultKey)")
        }
    }
}
