import Egress
import GatewayCore
import NIOCore
import NIOHTTP1
import Providers
import WireFormats

/// What the upstream of the current attempt says.
extension GatewayHandler: UpstreamReceiver {
    func upstreamHead(_ head: HTTPResponseHead) {
        guard case .busy(let request) = phase else { return }
        let elapsed = request.elapsed
        request.updateAttempt {
            $0.headAfter = elapsed
            $0.status = Int(head.status.code)
        }
        defer { awaitNextPart(of: request) }
        guard (200..<300).contains(head.status.code) else {
            request.upstreamError = UpstreamErrorAnswer(head)
            return event(.answerHead(.error))
        }
        if let objection = request.objection(to: head) { return fail(request, objection) }
        event(.answerHead(request.exchange.isStream ? .stream : .json))
    }

    func upstreamPart(_ part: ByteBuffer) {
        guard case .busy(let request) = phase else { return }
        // What follows the last event must not put the end off.
        if request.relay?.isDone != true { awaitNextPart(of: request) }
        guard request.upstreamError == nil else {
            request.upstreamError?.append(part)
            return
        }
        guard let output = request.relay?.receive(part) else { return }
        pass(output.bytes, of: request)
        if let fault = output.fault {
            let error = request.error(for: fault)
            // While another attempt is possible, or a better answer, it is not for the caller.
            if let event = output.failedEvent, request.machine.isAnswerBegun, !request.containsSecret(fault) {
                pass(event, of: request)
            }
            return fail(request, error)
        }
        if request.relay?.isDone == true, !request.machine.isUpstreamPaused {
            deadline = min(deadline, .now() + Self.endOfBodyGrace)
        }
    }

    private func awaitNextPart(of request: ActiveRequest) {
        // Parts of one read still come after a pause; what then runs is the client's time, not the upstream's.
        guard case .busy(let current) = phase, current === request, !request.machine.isUpstreamPaused else { return }
        deadline = upstreamDeadline(for: request, within: request.provider?.timeouts.idle)
    }

    /// How long an upstream may take to end its body after its last event; a connection that does is kept.
    static var endOfBodyGrace: TimeAmount { .seconds(1) }

    /// The client has everything: an upstream that has not said goodbye by now is not waited for.
    func finishWithoutEndOfBody(_ request: ActiveRequest) {
        request.call?.cancel()
        upstreamEnd()
    }

    /// What the relay has passed goes to the client, also when a fault follows it.
    private func pass(_ bytes: ByteBuffer, of request: ActiveRequest) {
        guard bytes.readableBytes > 0 else { return }
        request.pending = bytes
        event(.answerPart(bytes: bytes.readableBytes, hasContent: request.relay?.hasContent ?? true))
    }

    func upstreamReadComplete() {
        flushIfNeeded()
    }

    func upstreamEnd() {
        guard case .busy(let request) = phase else { return }
        if let error = request.takeUpstreamError() {
            event(.attemptFailed(error))
        } else if let output = request.relay?.finish() {
            pass(output.bytes, of: request)
            event(output.fault.map { .attemptFailed(request.error(for: $0)) } ?? .answerEnd)
        }
        flushIfNeeded()
    }

    func upstreamFailed(_ failure: UpstreamFailure) {
        guard case .busy(let request) = phase else { return }
        if request.isStreamOver {
            upstreamEnd()  // Only the goodbye is missing.
        } else if let error = request.takeUpstreamError() {
            event(.attemptFailed(error))  // Its status says more than how its body ended.
        } else {
            event(.attemptFailed(request.error(for: failure)))
        }
        flushIfNeeded()
    }

    /// What came is no answer: the rest of it is not wanted.
    func fail(_ request: ActiveRequest, _ error: GatewayError) {
        request.call?.cancel()
        event(.attemptFailed(error))
    }
}

extension ActiveRequest {
    /// Whether the stream has brought everything, by its family's own terminal event.
    var isStreamComplete: Bool {
        switch machine.stage {
        case .relay(.stream), .execute(.bufferingStream), .drain: exchange.isStream && relay?.isComplete == true
        default: false
        }
    }

    /// Whether nothing that can still come counts: the answer is complete, or its last event has come although it is not.
    var isStreamOver: Bool {
        isStreamComplete || relay?.isDone == true
    }

    /// Why a 2xx is not an answer to this request; nil if it may be one.
    func objection(to head: HTTPResponseHead) -> GatewayError? {
        guard head.status == .ok else { return unusable("its answer has the status \(head.status.code)") }
        if let encoding = head.headers.first(name: "content-encoding"), !encoding.isSameIgnoringCase("identity") {
            return unusable("its answer is encoded as \(encoding), which was not asked for")
        }
        guard let type = head.headers.first(name: "content-type") else { return nil }
        let expected = exchange.isStream ? "text/event-stream" : "application/json"
        guard type.startsIgnoringCase(with: expected) else {
            return unusable("its answer is \(type) instead of \(expected)")
        }
        return nil
    }

    func takeUpstreamError() -> GatewayError? {
        guard let answer = upstreamError, let provider else { return nil }
        upstreamError = nil
        return answer.error(from: provider.id, redact: redacted)
    }

    func error(for failure: UpstreamFailure) -> GatewayError {
        guard exchange.isStream, relay != nil, machine.isAnswerBegun || machine.isBufferingStream else {
            return UpstreamErrorMapping.failure(failure, provider: provider?.id ?? "")
        }
        return truncated(failure.reason)
    }

    /// Whether the upstream's words on a fault have a secret in them.
    func containsSecret(_ fault: RelayError) -> Bool {
        guard case .upstreamReportedError(let report) = fault else { return false }
        return [report.message, report.code, report.type, report.param].contains { $0.map(redacted) != $0 }
    }

    func error(for fault: RelayError) -> GatewayError {
        switch fault {
        case .upstreamReportedError(let report):
            return UpstreamErrorMapping.reported(
                report.redacted(by: redacted), provider: provider?.id ?? "", retry: beforeContent)
        case .truncated:
            return exchange.isStream
                ? truncated("the stream ended without its last event") : unusable("its answer ended too soon")
        case .malformed(let reason): return unusable(reason)
        case .eventTooLarge: return unusable("an event of its stream is too large")
        }
    }

    private func truncated(_ cause: String) -> GatewayError {
        GatewayError(
            .upstreamStreamTruncated,
            "The provider `\(provider?.id ?? "")` ended its stream before the answer was complete.",
            cause: cause, source: .upstream, retry: beforeContent)
    }

    /// A fault of an answer of which nothing has gone out can be made good elsewhere.
    private var beforeContent: GatewayError.Retry {
        if case .relay = machine.stage { .never } else { .anywhere }
    }

    private func unusable(_ cause: String) -> GatewayError {
        GatewayError(
            .upstreamError, "The provider `\(provider?.id ?? "")` sent something that is not an answer.",
            cause: redacted(cause), source: .upstream, retry: .anywhere)
    }
}
