import GatewayCore
import NIOCore
import NIOHTTP1
import Providers
import WireFormats

/// What goes to the client. The headers are an allow-list: of an upstream's head only what `APIFamily.responseHeaders`
/// lists is copied.
extension ExchangeDriver {
    // MARK: Responses of a provider

    func sendHead() {
        var head = responseHead(200, exchange.isStream ? ContentType.eventStream : ContentType.json)
        for (name, value) in attempt?.forwardedHeaders ?? [] { head.headers.add(name: name, value: value) }
        if exchange.isStream {
            // Else nginx holds a stream back until its end, and other proxies compress it, which does the same.
            head.headers.add(name: "cache-control", value: "no-cache, no-transform")
            head.headers.add(name: "x-accel-buffering", value: "no")
        }
        head.version = self.head.version  // HTTP/1.0 has no chunks: the end of the connection ends the response.
        recordFirstByte(status: 200)
        releaseBody()
        connection.write(.head(head))
        guard let buffered = attempt?.takeBuffered(), buffered.readableBytes > 0 else { return }
        connection.write(.body(.byteBuffer(buffered)))
    }

    func sendPart() {
        guard let pending = attempt?.takePending(), pending.readableBytes > 0 else { return }
        connection.write(.body(.byteBuffer(pending)))
        lastSentAt = .now()
        if connection.isActive, !connection.isWritable { handle(.clientUnwritable) }
    }

    /// Keeps proxies from taking a silent stream for a dead one.
    func sendKeepAlive() {
        guard connection.isWritable else { return }
        lastSentAt = .now()
        connection.write(.body(.byteBuffer(ByteBuffer(staticString: endpoint.family.keepAlive))))
    }

    /// The error goes into a stream as its last event; a JSON response can only be cut, so that it does not look
    /// complete.
    func sendBrokenEnd(_ error: GatewayError) {
        guard let event = attempt?.relay?.lastEvent(error, requestID: exchange.requestID) else {
            return connection.cut()
        }
        connection.write(.body(.byteBuffer(event)))
        connection.end(closing: true)
    }

    // MARK: Responses of the gateway's own

    func sendError(_ error: GatewayError, closing: Bool) {
        var extra: [(name: String, value: String)] = []
        if let seconds = error.retryAfterSeconds { extra.append(("retry-after", String(seconds))) }
        if case .methodNotAllowed(let allowed, _) = endpoint { extra.append(("allow", allowed)) }
        // RFC 9110, section 12.5.3.
        if error.param == "content-encoding", error.code == .unsupportedMediaType {
            extra.append(("accept-encoding", "gzip, deflate, zstd"))
        }
        // RFC 9110, section 15.5.22.
        if error.code == .upgradeRequired { extra.append(("upgrade", "HTTP/1.1")) }
        if error.isLasting || error.code == .budgetExceeded { extra.append(("x-should-retry", "false")) }
        if let answer = error.report?.answer {
            let body = ByteBuffer(bytes: answer.body)
            sendComplete(
                body, status: answer.status, contentType: answer.contentType, extra: extra, closing: closing)
        } else {
            let body = endpoint.family.errorBody(error, requestID: exchange.requestID)
            sendComplete(body, status: error.status, extra: extra, closing: closing)
        }
    }

    /// The list of models changes seldom, and clients ask for it at each start.
    func sendLocalAnswer() {
        let tag = EntityTag(localAnswer)
        let isKnown = tag.isListed(in: head.headers[canonicalForm: "if-none-match"])
        sendComplete(localAnswer, status: isKnown ? 304 : 200, extra: [("etag", tag.text)])
    }

    func sendContinue() {
        connection.write(.head(HTTPResponseHead(version: .http1_1, status: .continue)))
        connection.flushIfNeeded()
    }

    /// Head, body and end, in one write.
    func sendComplete(
        _ body: ByteBuffer, status: Int, contentType: String = ContentType.json,
        extra: [(name: String, value: String)] = [],
        closing: Bool = false
    ) {
        var head = responseHead(status, contentType)
        for (name, value) in extra { head.headers.add(name: name, value: value) }
        let hasBody = status != 304
        if hasBody { head.headers.add(name: "content-length", value: String(body.readableBytes)) }
        let closing = closing || !connection.isReusable(after: self.head)
        if closing { head.headers.replaceOrAdd(name: "connection", value: "close") }
        recordFirstByte(status: status)
        connection.write(.head(head))
        if self.head.method != .HEAD, hasBody { connection.write(.body(.byteBuffer(body))) }
        connection.end(closing: closing)
    }

    private func responseHead(_ status: Int, _ contentType: String) -> HTTPResponseHead {
        var headers = HTTPHeaders()
        headers.reserveCapacity(8)
        headers.add(name: "content-type", value: contentType)
        headers.add(name: "x-request-id", value: exchange.requestID)
        headers.add(name: "x-gateway-request-id", value: exchange.id)
        if let attempt = exchange.attempts.last {
            headers.add(name: "x-gateway-provider", value: attempt.provider)
            headers.add(name: "x-gateway-route", value: attempt.route)
            headers.add(name: "x-gateway-attempts", value: String(exchange.attempts.count))
        }
        loop.settings.crossOrigin.append(to: &headers, for: head)
        if !connection.isReusable(after: head) { headers.add(name: "connection", value: "close") }
        return HTTPResponseHead(version: .http1_1, status: .init(statusCode: status), headers: headers)
    }

    private func recordFirstByte(status: Int) {
        exchange.firstByteAfter = elapsed
        exchange.status = status
        lastSentAt = .now()
    }
}
