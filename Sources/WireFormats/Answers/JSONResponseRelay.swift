import GatewayCore
import NIOCore

/// The shape of a family's non-streaming responses.
struct JSONResponseShape: Sendable {
    /// The array that every response has.
    let resultKey: StaticString
    let usageNames: UsageNames
    /// Whether responses have an id that a later request can refer to.
    var hasResponseID = false
    /// Whether a failed response also has its partial result.
    var failureHasResult = false
    /// Where a part of the result can have an error of its own.
    var partialErrors: JSONObjectStream.Watched?
}

/// Relays a non-streaming response as it arrives, in parts of any size: only the value of the top-level `model`
/// changes, to the caller's name of the model.
///
/// It validates the response on the way and does not buffer it; it keeps at most one `usage` or `error` value of 64
/// KiB.
struct JSONResponseRelay: AnswerRelay {
    /// The top-level `usage`, once it has arrived.
    private(set) var usage: TokenUsage?

    /// The id of the response, once it has arrived, in a family that has ids.
    private(set) var responseID: String?

    /// All bytes of the response: what is content in it is not looked for.
    private(set) var outputBytes: Int64 = 0

    /// Whether the object is complete.
    var isComplete: Bool { object.isEnded && fault == nil }

    /// Always true: another attempt would give another response.
    var hasContent: Bool { true }

    /// Only the end of the body ends the answer.
    var isDone: Bool { false }

    private enum Member {
        case other, model, usage, error, id
    }

    private static let captureLimit = 64 * 1024

    private let shape: JSONResponseShape
    private let quotedModel: [UInt8]
    private var object: JSONObjectStream
    private var member = Member.other
    /// The current value began in an earlier part.
    private var isContinued = false
    private var capture: [UInt8] = []
    private var hasResult = false
    private var hasError = false
    private var report = UpstreamErrorBody()
    private var errorTexts: [String] = []
    private var fault: RelayError?

    /// A relay for responses of `shape` that replaces the model's name by `clientModel`.
    init(_ shape: JSONResponseShape, clientModel: String) {
        self.shape = shape
        object = JSONObjectStream(watching: shape.partialErrors)
        quotedModel = JSONText.quoted(clientModel)
    }

    /// Relays the next part of the response; returns the bytes to send, which are `part` itself if nothing changes.
    ///
    /// An error body with status 200 is a fault at its end, not before. A part with a fault produces no bytes: a client
    /// cannot use half an object.
    mutating func receive(_ part: ByteBuffer) -> RelayOutput {
        guard fault == nil else { return RelayOutput(bytes: ByteBuffer(), fault: fault) }
        outputBytes += Int64(part.readableBytes)
        var edited: ByteBuffer?
        part.withBytes { bytes in
            var splice = ByteSplice()
            do throws(JSONSyntaxError) {
                try read(bytes, &splice)
            } catch {
                fault = .malformed("the response is not valid JSON: \(error.sentence)")
            }
            edited = splice.finish(bytes, upTo: bytes.count)
        }
        guard fault == nil else { return RelayOutput(bytes: ByteBuffer(), fault: fault) }
        return RelayOutput(bytes: edited ?? part, errorTexts: takeErrorTexts())
    }

    /// Marks the end of the upstream's body.
    mutating func finish() -> RelayOutput {
        if fault == nil, !object.isEnded { fault = .truncated }
        return RelayOutput(bytes: ByteBuffer(), fault: fault)
    }

    /// An incomplete object is a truncated one.
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

    /// The part ends within a value that is needed.
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
            // Of a longer error the start is searched.
            if whole.count <= Self.captureLimit || member == .error { whole.withBytes { take($0) } }
        }
    }

    /// Of errors beside a result and within it, which are passed on.
    private mutating func takeErrorTexts() -> [String] {
        if shape.partialErrors != nil {
            for value in object.takeWatched() { errorTexts.append(String(decoding: value, as: UTF8.self)) }
        }
        guard !errorTexts.isEmpty else { return [] }
        defer { errorTexts = [] }
        return errorTexts
    }

    private mutating func take(_ value: Bytes) {
        if member == .usage {
            usage = TokenUsage(value, names: shape.usageNames) ?? usage
        } else if member == .id {
            responseID = JSONText.text(value)
        } else {
            report = UpstreamErrorBody(error: value)
            errorTexts.append(String(decoding: value.buffer, as: UTF8.self))
        }
    }

    /// The new name replaces the first piece of the old one.
    private func replace(_ range: Range<Int>, _ bytes: Bytes, _ splice: inout ByteSplice) {
        splice.cut(range, of: bytes)
        if !isContinued { quotedModel.withBytes { splice.append($0) } }
    }

    private mutating func check() {
        if hasError, !hasResult || shape.failureHasResult {
            fault = .upstreamReportedError(report)
        } else if !hasResult {
            fault = .malformed("the response has no \(shape.resultKey)")
        }
    }
}
