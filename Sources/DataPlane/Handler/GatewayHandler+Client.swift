import GatewayCore
import NIOCore
import NIOHTTP1
import Providers
import WireFormats

/// What goes to the client. The headers are an allow-list by construction: nothing of an upstream's head is copied.
extension GatewayHandler {
    private static let json = "application/json"
    private static let eventStream = "text/event-stream; charset=utf-8"

    // MARK: Answers of a provider

    func sendHead(of request: ActiveRequest) {
        var head = answerHead(200, request.exchange.isStream ? Self.eventStream : Self.json, for: request)
        head.version = request.head.version  // HTTP/1.0 has no chunks: the end of the connection ends the answer.
        recordFirstByte(of: request, status: 200)
        releaseBody(of: request)
        write(.head(head))
        guard let buffered = request.attempt?.takeBuffered(), buffered.readableBytes > 0 else { return }
        write(.body(.byteBuffer(buffered)))
    }

    func sendPart(of request: ActiveRequest) {
        guard let pending = request.attempt?.takePending(), pending.readableBytes > 0 else { return }
        write(.body(.byteBuffer(pending)))
        lastSentAt = .now()
        if let context, !context.channel.isWritable { event(.clientUnwritable) }
    }

    func sendWhole(of request: ActiveRequest) {
        sendWhole(request.attempt?.takeBuffered() ?? ByteBuffer(), status: 200, of: request)
    }

    func sendLocalAnswer(of request: ActiveRequest) {
        sendWhole(request.localAnswer, status: 200, of: request)
    }

    func sendEnd(of request: ActiveRequest) {
        end(closing: !isReusable(after: request))
    }

    /// The error goes into a stream as its last event; a JSON answer can only be cut, so that nobody takes it for whole.
    func sendBrokenEnd(_ error: GatewayError, of request: ActiveRequest) {
        guard request.exchange.isStream else {
            flushAndClose()
            return
        }
        let id = request.exchange.requestID
        let frame =
            request.attempt?.relay.lastEvent(error, requestID: id) ?? ErrorEnvelope(error, requestID: id).sseFrame
        write(.body(.byteBuffer(frame)))
        end(closing: true)
    }

    /// A comment in a stream that has been silent for a while keeps proxies from taking it for dead
    /// (WHATWG HTML, section 9.2.7).
    func sendKeepAliveIfSilent(_ request: ActiveRequest, now: NIODeadline) {
        guard case .relay(.stream) = request.machine.stage, now - lastSentAt >= loop.settings.keepAliveInterval,
            context?.channel.isWritable == true
        else { return }
        lastSentAt = now
        write(.body(.byteBuffer(ByteBuffer(staticString: ": keep-alive\n\n"))))
        flushIfNeeded()
    }

    // MARK: Answers of the gateway's own

    func sendError(_ error: GatewayError, of request: ActiveRequest, closing: Bool) {
        var extra: [(String, String)] = []
        if let seconds = error.retryAfterSeconds { extra.append(("retry-after", String(seconds))) }
        if case .methodNotAllowed(let allowed) = request.endpoint { extra.append(("allow", allowed)) }
        if error.code == .budgetExceeded { extra.append(("x-should-retry", "false")) }
        let body = ErrorEnvelope(error, requestID: request.exchange.requestID).bytes
        sendWhole(body, status: error.code.status, of: request, extra: extra, closing: closing)
    }

    /// An error before there is a request to speak of.
    func sendErrorWithoutRequest(_ error: GatewayError) {
        let id = UUIDv7.make(milliseconds: UInt64(WallClock.now() / 1000), using: &loop.random)
        let body = ErrorEnvelope(error, requestID: id).bytes
        let head = HTTPResponseHead(
            version: .http1_1, status: .init(statusCode: error.code.status),
            headers: [
                "content-type": Self.json, "x-request-id": id, "content-length": String(body.readableBytes),
                "connection": "close",
            ])
        write(.head(head))
        write(.body(.byteBuffer(body)))
        end(closing: true)
    }

    /// The probes are answered at once, whoever asks, and leave no record.
    func answerProbe(_ request: ActiveRequest) {
        let head = request.head
        let (status, text) = request.endpoint == .health ? (200, #"{"status":"ok"}"#) : loop.readiness.answer()
        let closing = !isReusable(after: request) || !request.machine.isBodyEnded
        var headers: HTTPHeaders = ["content-type": Self.json, "content-length": String(text.utf8.count)]
        if closing { headers.add(name: "connection", value: "close") }
        write(.head(HTTPResponseHead(version: .http1_1, status: .init(statusCode: status), headers: headers)))
        if head.method != .HEAD { write(.body(.byteBuffer(ByteBuffer(string: text)))) }
        becomeIdle()
        end(closing: closing)
    }

    func sendContinue() {
        write(.head(HTTPResponseHead(version: .http1_1, status: .continue)))
        flushIfNeeded()
    }

    // MARK: Writing

    func flushIfNeeded() {
        guard needsFlush else { return }
        needsFlush = false
        context?.flush()
    }

    private func sendWhole(
        _ body: ByteBuffer, status: Int, of request: ActiveRequest, extra: [(String, String)] = [],
        closing: Bool = false
    ) {
        var head = answerHead(status, Self.json, for: request)
        for (name, value) in extra { head.headers.add(name: name, value: value) }
        head.headers.add(name: "content-length", value: String(body.readableBytes))
        let closing = closing || !isReusable(after: request)
        if closing { head.headers.replaceOrAdd(name: "connection", value: "close") }
        recordFirstByte(of: request, status: status)
        write(.head(head))
        if request.head.method != .HEAD { write(.body(.byteBuffer(body))) }
        end(closing: closing)
    }

    private func answerHead(_ status: Int, _ contentType: String, for request: ActiveRequest) -> HTTPResponseHead {
        var headers = HTTPHeaders()
        headers.reserveCapacity(8)
        headers.add(name: "content-type", value: contentType)
        headers.add(name: "x-request-id", value: request.exchange.requestID)
        headers.add(name: "x-gateway-request-id", value: request.exchange.id)
        if let attempt = request.exchange.attempts.last {
            headers.add(name: "x-gateway-provider", value: attempt.provider)
            headers.add(name: "x-gateway-route", value: attempt.route)
            headers.add(name: "x-gateway-attempts", value: String(request.exchange.attempts.count))
        }
        if !isReusable(after: request) { headers.add(name: "connection", value: "close") }
        return HTTPResponseHead(version: .http1_1, status: .init(statusCode: status), headers: headers)
    }

    /// After CONNECT and an offered upgrade the decoder takes nothing that follows for HTTP.
    private func isReusable(after request: ActiveRequest) -> Bool {
        let head = request.head
        return head.isKeepAlive && head.version.minor > 0 && head.method != .CONNECT
            && !head.headers.contains(name: "upgrade") && !loop.isDraining
    }

    private func recordFirstByte(of request: ActiveRequest, status: Int) {
        request.exchange.firstByteAfter = request.elapsed
        request.exchange.status = status
        lastSentAt = .now()
    }

    private func write(_ part: HTTPServerResponsePart) {
        guard let context else { return }
        context.write(wrapOutboundOut(part), promise: nil)
        needsFlush = true
    }

    /// Ends the answer. A connection that is not used again is closed for writing at once, and for reading when the client has
    /// closed it too or the linger time is over.
    private func end(closing: Bool) {
        guard let context else { return }
        needsFlush = false
        var written: EventLoopPromise<Void>?
        if closing {
            phase = .lingering
            unsentBytes = 0
            deadline = .now() + loop.settings.lingerTimeout
            let promise = context.eventLoop.makePromise(of: Void.self)
            let channel = context.channel
            promise.futureResult.whenComplete { _ in channel.close(mode: .output, promise: nil) }
            written = promise
        }
        isEnding = true
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
        isEnding = false
    }

    /// Ends the connection within an answer, without the end that would make it look whole.
    private func flushAndClose() {
        guard let context else { return }
        phase = .lingering
        needsFlush = false
        context.flush()
        context.close(promise: nil)
    }
}
