import Egress
import GatewayCore
import NIOCore
import NIOHTTP1
import Providers
import WireFormats

/// One attempt of a request: the call to a provider, and what its response has brought so far.
///
/// Every attempt is an object of its own, so that nothing of one can leak into the next. It knows neither the client nor the
/// order of the stages: it turns what its upstream does into events for the state machine.
final class ActiveAttempt {
    /// Its position in `Exchange.attempts`.
    let number: Int
    let provider: any Provider
    let route: Route
    let isStream: Bool
    /// When the whole attempt has to be over; `distantFuture` if it has no limit.
    let deadline: NIODeadline
    /// The attempt finds out whether its route is healthy again.
    var isProbe = false
    /// The owner of the response that the provider keeps was recorded.
    var isOwnershipRecorded = false
    private let request: AttemptRequest
    private let driver: ExchangeDriver
    private(set) var call: (any UpstreamCall)?
    private(set) var relay: any AnswerRelay
    private var upstreamError: UpstreamErrorAnswer?
    /// Bytes that the relay passed and that the client has not been sent.
    private var pending = ByteBuffer()
    /// The start of the response, while it may still fit into one write or another attempt may take its place.
    private var buffered = ByteBuffer()
    /// The upstream accepted the request and streams its response.
    private var hasStreamBegun = false

    init(
        number: Int, provider: any Provider, route: Route, request: AttemptRequest, driver: ExchangeDriver
    ) {
        self.number = number
        self.provider = provider
        self.route = route
        self.request = request
        self.driver = driver
        isStream = request.request.facts.stream
        relay = request.request.makeRelay()
        deadline = provider.timeouts.total.map { .now() + $0 } ?? .distantFuture
    }

    /// How long the upstream may take for its response head, connecting included.
    var headTimeout: TimeAmount {
        provider.timeouts.connect + (isStream ? provider.timeouts.streamHead : provider.timeouts.head)
    }

    func start(over pool: UpstreamPool, on eventLoop: any EventLoop) {
        call = provider.call(for: request).start(over: pool, on: eventLoop, receiver: self)
    }

    func cancel() {
        call?.cancel()
        call = nil
    }

    /// Keeps the bytes that the relay passed last.
    func bufferPending() {
        buffered.append(takePending())
    }

    func takePending() -> ByteBuffer {
        defer { pending = ByteBuffer() }
        return pending
    }

    func takeBuffered() -> ByteBuffer {
        defer { buffered = ByteBuffer() }
        return buffered
    }

    /// Whether the stream has brought everything, by its family's own terminal event.
    private var isStreamComplete: Bool { isStream && relay.isComplete }

    /// The error of an upstream that answered with a failure status and has not ended its body.
    private func takeUpstreamError() -> GatewayError? {
        guard let answer = upstreamError else { return nil }
        upstreamError = nil
        return answer.error(from: provider.id, redact: redacted)
    }

    /// `text` without the secrets of the provider and the route.
    private func redacted(_ text: String) -> String {
        Secret.redact(provider.secrets + route.adjustments.headers.map(\.value), from: text)
    }
}

// MARK: The upstream's side

extension ActiveAttempt: UpstreamReceiver {
    func upstreamHead(_ head: HTTPResponseHead) {
        driver.recordHead(of: self, status: Int(head.status.code))
        guard (200..<300).contains(head.status.code) else {
            upstreamError = UpstreamErrorAnswer(head)
            return report(.answerHead(.error))
        }
        if let error = validate(head) { return fail(error) }
        hasStreamBegun = isStream
        report(.answerHead(isStream ? .stream : .json))
    }

    func upstreamPart(_ part: ByteBuffer) {
        guard upstreamError == nil else {
            upstreamError?.append(part)
            return report(.answerPart(bytes: 0, hasContent: false))
        }
        let output = relay.receive(part)
        forward(output.bytes)
        if let fault = output.fault {
            let error = error(for: fault)
            // While another attempt is possible, or a better error, the upstream's own event is not for the caller.
            if let event = output.failedEvent, driver.machine.isAnswerBegun, !containsSecret(fault) {
                forward(event)
            }
            fail(error)
        }
    }

    func upstreamReadComplete() {
        driver.connection.flushIfNeeded()
    }

    func upstreamEnd() {
        if let error = takeUpstreamError() {
            report(.attemptFailed(error))
        } else {
            let output = relay.finish()
            forward(output.bytes)
            report(output.fault.map { .attemptFailed(error(for: $0)) } ?? .answerEnd)
        }
        driver.connection.flushIfNeeded()
    }

    func upstreamFailed(_ failure: UpstreamFailure) {
        if progress != .open {
            upstreamEnd()  // Only the end of the body is missing.
        } else if let error = takeUpstreamError() {
            report(.attemptFailed(error))  // The status says more than how the body ended.
        } else {
            report(.attemptFailed(error(for: failure)))
        }
        driver.connection.flushIfNeeded()
    }

    /// The client has everything: an upstream that has not ended its body by now is not waited for.
    func finishWithoutEndOfBody() {
        cancel()
        upstreamEnd()
    }

    /// Ends the attempt: the rest of the response is not wanted.
    func fail(_ error: GatewayError) {
        cancel()
        report(.attemptFailed(error))
    }

    /// Hands on what the relay has passed, also when a fault follows it.
    private func forward(_ bytes: ByteBuffer) {
        pending = bytes
        report(.answerPart(bytes: bytes.readableBytes, hasContent: relay.hasContent, progress: progress))
    }

    private var progress: StreamProgress {
        relay.isDone ? .over : isStreamComplete ? .complete : .open
    }

    /// An attempt that was replaced is not heard.
    private func report(_ event: ExchangeEvent) {
        if driver.attempt === self { driver.handle(event) }
    }
}

// MARK: What a failure means

extension ActiveAttempt {
    /// Why a 2xx is not a response to this request; nil if it may be one.
    private func validate(_ head: HTTPResponseHead) -> GatewayError? {
        guard head.status == .ok else { return unusable("its answer has the status \(head.status.code)") }
        if let encoding = head.headers.first(name: "content-encoding"), !encoding.isSameIgnoringCase("identity") {
            return unusable("its answer is encoded as \(encoding), which was not asked for")
        }
        guard let type = head.headers.first(name: "content-type") else { return nil }
        let expected = isStream ? "text/event-stream" : "application/json"
        guard type.startsIgnoringCase(with: expected) else {
            return unusable("its answer is \(type) instead of \(expected)")
        }
        return nil
    }

    private func error(for failure: UpstreamFailure) -> GatewayError {
        hasStreamBegun ? truncated(failure.reason) : UpstreamErrorMapping.failure(failure, provider: provider.id)
    }

    /// Whether the upstream's error message has a secret in it.
    private func containsSecret(_ fault: RelayError) -> Bool {
        guard case .upstreamReportedError(let report) = fault else { return false }
        return [report.message, report.code, report.type, report.param].contains { $0.map(redacted) != $0 }
    }

    private func error(for fault: RelayError) -> GatewayError {
        switch fault {
        case .upstreamReportedError(let report):
            UpstreamErrorMapping.reported(report.redacted(by: redacted), provider: provider.id, retry: .anywhere)
        case .truncated:
            isStream ? truncated("the stream ended without its last event") : unusable("its answer ended too soon")
        case .malformed(let reason): unusable(reason)
        case .eventTooLarge: unusable("an event of its stream is too large")
        }
    }

    private func truncated(_ cause: String) -> GatewayError {
        GatewayError(
            .upstreamStreamTruncated,
            "The provider `\(provider.id)` ended its stream before the answer was complete.",
            cause: cause, source: .upstream, retry: .anywhere)
    }

    private func unusable(_ cause: String) -> GatewayError {
        GatewayError(
            .upstreamError, "The provider `\(provider.id)` sent something that is not an answer.",
            cause: redacted(cause), source: .upstream, retry: .anywhere)
    }
}
