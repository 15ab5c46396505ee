import GatewayCore
import NIOCore

/// How a family's non-streaming responses are read.
struct JSONResponseShape: Sendable {
    /// The array without which an object is not a response.
    let resultKey: StaticString
    let usageNames: UsageNames
    /// Whether responses have an id that a later request can refer to.
    var hasResponseID = false
    /// Whether a failed response has the result as well, as far as it came.
    var failureHasResult = false
}

/// Relays a non-streaming response as it comes, in parts of any size: the bytes go through untouched but for the
/// top-level `model`, which becomes the one that the caller asked for.
///
/// The response is checked on the way and never buffered; what is kept is at most one `usage` or `error` value of 64 KiB.
struct JSONResponseRelay: AnswerRelay {
    /// The top-level `usage`, once it has come.
    private(set) var usage: TokenUsage?

    /// The id of the response, once it has come, in a family that has one.
    private(set) var responseID: String?

    /// Whether the object has been closed.
    var isComplete: Bool { object.isEnded && fault == nil }

    /// Always: another attempt would give another response.
    var hasContent: Bool { true }

    /// The end of the body is the only end.
    var isDone: Bool { false }

    private enum Member {
        case other, model, usage, error, id
    }

    private static let captureLimit = 64 * 1024

    private let shape: JSONResponseShape
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

    /// A relay for responses of `shape` that tells the caller `clientModel` as the model's name.
    init(_ shape: JSONResponseShape, clientModel: String) {
        self.shape = shape
        quotedModel = JSONText.quoted(clientModel)
    }

    /// Takes the next part of the response; returns what to send on for it, which is `part` itself if nothing changes.
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

    /// An object that has begun can only be cut.
    func lastEvent(_ error: GatewayError, requestID: String) -> ByteBuffer? { nil }

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
        if object.isKey(shape.resultKey) {
            hasResult = first == Byte.openBracket
        } else if object.isKey("model"), first == Byte.quote {
            member = .model
        } else if shape.hasResponseID, object.isKey("id"), first == Byte.quote {
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
            usage = TokenUsage(value, names: shape.usageNames) ?? usage
        } else if member == .id {
            responseID = JSONText.text(value)
        } else {
            report = UpstreamErrorBody(error: value)
        }
    }

    /// The new name goes out with the first piece of the old one.
    private func replace(_ range: Range<Int>, _ bytes: Bytes, _ splice: inout ByteSplice) {
        splice.cut(range, of: bytes)
        if !isContinued { quotedModel.withBytes { splice.append($0) } }
    }

    private mutating func check() {
        if hasError, !hasResult || shape.failureHasResult {
            fault = .upstreamReportedError(report)
        } else if !hasResult {
            fault = .malformed("the answer has no \(shape.resultKey)")
        }
    }
}
