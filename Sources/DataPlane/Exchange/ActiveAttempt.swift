import Egress
import GatewayCore
import NIOCore
import NIOHTTP1
import Providers
import WireFormats

/// One attempt of a request: the call to a provider, and what its response has brought so far.
///
/// Every attempt is an object of its own, so that nothing of one can leak into the next. It knows neither the client
/// nor the order of the stages: it turns what its upstream does into events for the state machine.
final class ActiveAttempt {
    /// Its position in `Exchange.attempts`.
    let number: Int
    let provider: any Provider
    let route: Route
    let isStream: Bool
    /// When the whole attempt has to be over; `distantFuture` if it has no limit.
    let deadline: NIODeadline
    private let firstContentDeadline: NIODeadline
    /// The attempt finds out whether its route is healthy again.
    var isProbe = false
    /// The owner of the response that the provider keeps was recorded.
    var isOwnershipRecorded = false
    /// What its copy of the body counts for in the gateway's load.
    var reservedBytes = 0
    /// Of the provider's head, for the client.
    private(set) var forwardedHeaders: [(name: String, value: String)] = []
    private let driver: ExchangeDriver
    private(set) var call: (any UpstreamCall)?
    /// Whether the provider was called. It may not have been reached.
    private(set) var wasCalled = false
    /// Whether the provider said within its response that it failed.
    private(set) var isReportedFailure = false
    /// How the response is read; nil until the provider is called.
    private var reading: Reading?
    /// As of the last part.
    private var state = RelayState()
    private var errorResponse: UpstreamErrorResponse?
    /// Bytes that the relay passed and that the client has not been sent.
    private var pending = ByteBuffer()
    /// The start of the response, while it may still fit into one write or another attempt may take its place.
    private var buffered = ByteBuffer()
    /// The upstream says that it streams its response.
    private var isNamedStream = false

    init(
        number: Int, provider: any Provider, route: Route, isStream: Bool, driver: ExchangeDriver
    ) {
        self.number = number
        self.provider = provider
        self.route = route
        self.isStream = isStream
        self.driver = driver
        deadline = provider.timeouts.total.map { .now() + $0 } ?? .distantFuture
        let firstContent = isStream ? provider.timeouts.firstContent : nil
        firstContentDeadline = firstContent.map { .now() + $0 } ?? .distantFuture
    }

    /// When a stream must have brought its first content; `distantFuture` once it has, or without a limit.
    var contentDeadline: NIODeadline { state.hasContent ? .distantFuture : firstContentDeadline }

    /// How long the upstream may take for its response head, connecting included.
    var headTimeout: TimeAmount {
        provider.timeouts.connect + (isStream ? provider.timeouts.streamHead : provider.timeouts.head)
    }

    /// Calls the provider.
    /// - Throws: the provider's refusal to be asked for this; then it is not called.
    func start(
        _ request: AttemptRequest, _ credential: BoundCredential?, over pool: UpstreamPool, on eventLoop: any EventLoop
    ) throws(GatewayError) {
        let prepared = try provider.prepare(request, credential: credential)
        reading = Reading(
            relay: prepared.relay, expected: prepared.expected, errors: prepared.errors,
            credential: credential?.secret)
        wasCalled = true
        call = prepared.call.start(over: pool, on: eventLoop, receiver: self)
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

    /// What was learnt from the response; nil if the provider was not called.
    var relay: (any AnswerRelay)? { reading?.relay }

    /// The error of an upstream that answered with a failure status and has not ended its body.
    private func takeUpstreamError(isIncomplete: Bool = false) -> GatewayError? {
        guard var response = errorResponse, let reading else { return nil }
        if isIncomplete { response.markIncomplete() }
        errorResponse = nil
        return reading.errors.error(for: response, redact: redacted)
    }

    /// `text` without the secrets of the credential, the provider and the route.
    private func redacted(_ text: String) -> String {
        let credential = reading?.credential.map { [$0] } ?? []
        return Secret.redact(credential + provider.secrets + route.adjustments.headers.map(\.value), from: text)
    }
}

/// What the provider chose for reading the response of an attempt.
private struct Reading {
    var relay: any AnswerRelay
    let expected: ExpectedResponse
    let errors: any UpstreamErrorReader
    /// The secret that the upstream was shown.
    let credential: Secret?
}

// MARK: The upstream's side

extension ActiveAttempt: UpstreamReceiver {
    func upstreamHead(_ head: HTTPResponseHead) {
        driver.recordHead(of: self, status: Int(head.status.code))
        guard (200..<300).contains(head.status.code) else {
            errorResponse = UpstreamErrorResponse(head, now: WallClock.now())
            return report(.answerHead(.error))
        }
        if let reason = reading?.expected.validate(head) { return fail(unusable(reason)) }
        forwardedHeaders = forwarded(head.headers)
        isNamedStream = head.headers.first(name: "content-type")?.startsIgnoringCase(with: "text/event-stream") ?? false
        report(.answerHead(isStream ? (isNamedStream ? .stream : .unnamedStream) : .json))
    }

    func upstreamPart(_ part: ByteBuffer) {
        guard errorResponse == nil else {
            errorResponse?.append(part)
            return report(.answerPart(bytes: 0, hasContent: false))
        }
        guard let output = reading?.relay.receive(part) else { return }
        guard !output.errorTexts.contains(where: quotesSecret) else {
            return fail(unusable("an error within its answer quotes a secret of the gateway"))
        }
        forward(output.bytes)
        guard let fault = output.fault else { return }
        let error = error(for: fault)
        if let event = output.failedEvent, !(output.failedText.map(quotesSecret) ?? false) {
            failInStream(error, event)
        } else {
            fail(error)
        }
    }

    func upstreamReadComplete() {
        driver.connection.flushIfNeeded()
    }

    func upstreamEnd() {
        if let error = takeUpstreamError() {
            report(.attemptFailed(error))
        } else if let output = reading?.relay.finish() {
            forward(output.bytes)
            report(output.fault.map { .attemptFailed(error(for: $0)) } ?? .answerEnd)
        }
        driver.connection.flushIfNeeded()
    }

    func upstreamFailed(_ failure: UpstreamFailure) {
        if progress != .open, reading?.relay.lacksRequestedUsage != true {
            upstreamEnd()  // Only the end of the body is missing.
        } else if let error = takeUpstreamError(isIncomplete: true) {
            report(.attemptFailed(error))  // The status says more than how the body ended.
        } else {
            report(.attemptFailed(error(for: failure)))
        }
        driver.connection.flushIfNeeded()
    }

    /// The client has everything: an upstream that has not ended its body by now is not waited for.
    func finishWithoutEndOfBody() {
        cancel()
        errorResponse?.markIncomplete()
        upstreamEnd()
    }

    /// Likewise, where the upstream's own `event` tells the client.
    private func failInStream(_ error: GatewayError, _ event: ByteBuffer) {
        cancel()
        pending = event
        report(.attemptFailedInStream(error))
    }

    /// Ends the attempt: the rest of the response is not wanted.
    func fail(_ error: GatewayError) {
        cancel()
        report(.attemptFailed(error))
    }

    /// Hands on what the relay has passed, also when a fault follows it.
    private func forward(_ bytes: ByteBuffer) {
        pending = bytes
        state = reading?.relay.state ?? RelayState()
        report(.answerPart(bytes: bytes.readableBytes, hasContent: state.hasContent, progress: progress))
    }

    private var progress: StreamProgress {
        state.isDone ? .over : isStream && state.isComplete ? .complete : .open
    }

    /// An attempt that was replaced is not heard.
    private func report(_ event: ExchangeEvent) {
        if driver.attempt === self { driver.handle(event) }
    }
}

// MARK: What a failure means

extension ActiveAttempt {
    private func error(for failure: UpstreamFailure) -> GatewayError {
        isStreamUnderWay ? truncated(failure.reason) : failure.error(provider: provider.id)
    }

    /// Whether the upstream has accepted the request and streams its response, by its head or by its bytes.
    private var isStreamUnderWay: Bool { isStream && (isNamedStream || state.hasContent) }

    /// The headers of a response that its family passes on.
    private func forwarded(_ headers: HTTPHeaders) -> [(name: String, value: String)] {
        let list = driver.endpoint.family.responseHeaders
        guard !list.isEmpty else { return [] }
        return headers.filter { list.contains($0.name) && redacted($0.value) == $0.value }
            .map { ($0.name.lowercased(), $0.value) }
    }

    /// Whether an error of the upstream, as JSON, has a secret in it, also behind escapes.
    private func quotesSecret(_ text: String) -> Bool {
        EscapedSecrets.redacted(text, by: redacted) != text
    }

    private func error(for fault: RelayError) -> GatewayError {
        if case .upstreamReportedError = fault { isReportedFailure = true }
        return switch fault {
        case .upstreamReportedError(let report):
            reading?.errors.error(reported: report, redact: redacted) ?? unusable("it reported an error")
        case .truncated:
            // An orderly end: the provider takes its work for done, and would do it again.
            isStreamUnderWay
                ? truncated("the stream ended without its last event", retry: .elsewhere)
                : unusable("its answer ended too soon")
        case .malformed(let reason): unusable(reason)
        case .eventTooLarge: unusable("an event of its stream is too large")
        }
    }

    private func truncated(_ cause: String, retry: GatewayError.Retry = .anywhere) -> GatewayError {
        GatewayError(
            .upstreamStreamTruncated,
            "The provider `\(provider.id)` ended its stream before the answer was complete.",
            cause: cause, source: .upstream, retry: retry)
    }

    private func unusable(_ cause: String) -> GatewayError {
        GatewayError(
            .upstreamError, "The provider `\(provider.id)` sent something that is not an answer.",
            // It has done the work and billed it: not on the same route again.
            cause: redacted(cause), source: .upstream, retry: .elsewhere)
    }
}
