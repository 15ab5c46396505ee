import GatewayCore
import NIOCore
import NIOHTTP1
import WireFormats

/// A client's connection: which request it is busy with, how long it may take, and what is read and written.
///
/// The only place with a `ChannelHandlerContext` of a client. What is done with a request is a `RequestHandler`'s.
final class ClientConnection: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = Never
    typealias OutboundOut = HTTPServerResponsePart

    private enum Phase {
        case idle
        case receivingHead
        case busy(any RequestHandler)
        /// The response is out and nothing more will be read, but the client may still be sending: closing at once
        /// would make its TCP drop the response (RFC 9112, section 9.6).
        case lingering
    }

    let loop: LoopContext
    var timers = ConnectionTimers()
    var progress = WriteProgress(now: .now())
    private var phase = Phase.idle
    private var gate = ReadGate()
    /// What precedes the decoder.
    var firstBytes: FirstBytesHandler?
    private(set) var context: ChannelHandlerContext?
    private var needsFlush = false
    /// The end of a response is being written, within which the next request of a pipeline can come in.
    private var isEnding = false
    /// The client has ended its side of the connection. It may still read.
    private var isInputClosed = false
    /// When to look next whether such a client is still there, and how long that is after the last time.
    var nextProbe: (at: NIODeadline, after: TimeAmount)?
    /// When the connection was last without a request, and so the start of the next one's head.
    private var waitingStart = NIODeadline.now()
    /// The bytes of a head that has not come to its end.
    private(set) var headBytes = 0

    init(loop: LoopContext) {
        self.loop = loop
        timers.start(.idle, at: .now() + loop.settings.idleTimeout)
    }

    // MARK: The connection's life

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        loop.add(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        leaveLoopUnlessBusy()
    }

    func channelActive(context: ChannelHandlerContext) {
        if loop.isDraining { context.close(promise: nil) }  // Accepted while the listener was closing.
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        busy?.clientDisconnected()
        leaveLoopUnlessBusy()
        context.fireChannelInactive()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        busy?.clientWritabilityChanged(isWritable: context.channel.isWritable)
        releaseRead()
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // More of what the decoder has refused already: that error comes in its turn, behind the requests before it.
        if case .some(.dataReceivedInErrorState) = error as? ByteToMessageDecoderError { return }
        guard let error = error as? HTTPParserError else { return context.close(promise: nil) }
        // The client has left within a request.
        guard error != .invalidEOFState else { return clientLeft() }
        let refusal = GatewayError.malformedHTTP(error)
        switch phase {
        case .lingering: return
        case .busy(let handler): if !handler.refuse(refusal) { refuseWithoutRequest(refusal) }
        case .idle, .receivingHead: refuseWithoutRequest(refusal)
        }
        flushIfNeeded()
    }

    /// The client is gone and nothing is left to do for it.
    private func leaveLoopUnlessBusy() {
        releaseHead()
        if let busy, busy.outlivesClient { return }
        phase = .lingering
        loop.remove(self)
    }

    var busy: (any RequestHandler)? {
        if case .busy(let handler) = phase { handler } else { nil }
    }

    // MARK: What the client sends

    /// Whether what still comes is dropped before it costs anything.
    var ignoresInput: Bool {
        if case .lingering = phase { true } else { false }
    }

    /// The first bytes of a request have come, perhaps not all of its head yet.
    func bytesArrived() {
        guard case .idle = phase else { return }
        phase = .receivingHead
        timers.stop(.idle)
        timers.start(.head, at: .now() + loop.settings.headerTimeout)
    }

    /// These bytes have been decoded. Without a request to show for it they are the start of a head.
    func bytesDecoded(_ bytes: Int) {
        switch phase {
        // Behind an answered request there may be the start of the next one.
        case .idle, .receivingHead:
            headBytes += bytes
            loop.addIncompleteHead(bytes)
        case .busy, .lingering: break
        }
    }

    private func releaseHead() {
        guard headBytes > 0 else { return }
        loop.removeIncompleteHead(headBytes)
        headBytes = 0
    }

    /// Since when the connection has been without a complete request; nil if it may not give way to another one: it has
    /// a request, or its client is still reading the last answer. A client that has stopped reading is not.
    func mayGiveWay(_ now: NIODeadline) -> NIODeadline? {
        if case .busy = phase { return nil }
        measureProgress(now)
        let isSending = progress.unsentBytes > 0
        let isStuck = isSending && progress.isStalled(now: now, limit: loop.settings.crowdedStallTimeout)
        return switch phase {
        case .busy: nil
        case .idle, .receivingHead: isSending && !isStuck ? nil : waitingStart
        // Without anything left to send it ends by itself in a moment.
        case .lingering: isStuck ? waitingStart : nil
        }
    }

    /// Closes a connection without a request, in favour of another one.
    func giveWay() {
        releaseHead()
        linger()
        timers.stop(.head)
        close()
    }

    /// The client sends nothing more. One that has asked for something still gets its answer (RFC 9112, section 9.6).
    func inputClosed() {
        isInputClosed = true
        switch phase {
        case .idle, .receivingHead, .lingering: closeWhenRead()
        case .busy(let handler):
            guard handler.isRequestComplete, handler.probeClient() else { return clientLeft() }
            nextProbe = (.now() + .seconds(1), .seconds(1))
            flushIfNeeded()
        }
    }

    /// The client left within its request.
    private func clientLeft() {
        guard let handler = busy else { return closeWhenRead() }
        handler.clientDisconnected()
        close()
    }

    /// Closes once the client has read what it was sent.
    private func closeWhenRead() {
        linger()
        closeOnceSent(.now())
    }

    func read(context: ChannelHandlerContext) {
        if gate.read(isWritable: context.channel.isWritable) { askForBytes(context) }
    }

    private func askForBytes(_ context: ChannelHandlerContext) {
        guard let firstBytes else { return context.read() }
        firstBytes.read { context.read() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): begin(head)
        case .body(let part): busy?.receiveBody(part)
        case .end: busy?.receiveEnd()
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        flushIfNeeded()
        context.fireChannelReadComplete()
    }

    private func begin(_ received: HTTPRequestHead) {
        if case .lingering = phase { return }
        var head = received
        let fault = head.normalize()
        let handler: any RequestHandler =
            if let fault { ExchangeDriver(head, .unknown(nil), refusing: fault, on: self) } else {
                makeHandler(for: head)
            }
        phase = .busy(handler)
        releaseHead()
        timers.stop(.idle)
        timers.stop(.head)
        guard isEnding else { return handler.start() }
        // Not within the write of another response's end: thousands of pipelined requests would stand on one stack.
        loop.eventLoop.assumeIsolated().execute { [self] in
            guard busy === handler else { return }
            handler.start()
            flushIfNeeded()
        }
    }

    private func makeHandler(for head: HTTPRequestHead) -> any RequestHandler {
        let endpoint = Endpoint(head)
        if head.method == .OPTIONS, endpoint != .controlPlane, loop.settings.crossOrigin.allows(head) {
            return PreflightResponder(head, on: self)
        }
        return switch endpoint {
        case .health, .greeting: ProbeResponder(head, .health, on: self)
        case .readiness: ProbeResponder(head, .readiness, on: self)
        case .controlPlane:
            if let origin = loop.settings.controlPlane {
                ControlPlaneRelay(head, endpoint, to: origin, on: self)
            } else {
                ExchangeDriver(head, endpoint, on: self)
            }
        case .models, .model, .inference, .deployment, .upgrade, .methodNotAllowed, .unknown:
            ExchangeDriver(head, endpoint, on: self)
        }
    }

    func pauseReading() {
        gate.pause()
    }

    func resumeReading() {
        gate.resume()
        releaseRead()
    }

    private func releaseRead() {
        guard let context, gate.takePendingRead(isWritable: context.channel.isWritable) else { return }
        askForBytes(context)
    }

    // MARK: The gateway's end

    /// The listener is closed: a connection without a request goes now.
    func drain() {
        guard case .idle = phase else { return }
        linger()
        closeOnceSent(.now())
    }

    /// The time for requests in flight is over.
    func interrupt() {
        if let busy { busy.interrupt() } else { close() }
        flushIfNeeded()
    }

    // MARK: Writing

    var isActive: Bool { context?.channel.isActive ?? false }
    var isWritable: Bool { context?.channel.isWritable ?? false }
    /// The address of the client's end of the connection; nil once it is closed.
    var clientAddress: String? { context?.channel.remoteAddress?.ipAddress }

    /// After CONNECT and an offered upgrade the decoder takes nothing that follows for HTTP.
    func isReusable(after head: HTTPRequestHead) -> Bool {
        head.isKeepAlive && head.version.minor > 0 && head.method != .CONNECT
            && !head.headers.contains(name: "upgrade") && !loop.isDraining
    }

    func write(_ part: HTTPServerResponsePart) {
        guard let context else { return }
        context.write(wrapOutboundOut(part), promise: nil)
        needsFlush = true
    }

    func flushIfNeeded() {
        guard needsFlush else { return }
        needsFlush = false
        context?.flush()
    }

    /// Ends the response. A connection that is not used again is closed for writing at once, and for reading when the
    /// client has closed it too or the linger time is over.
    func end(closing: Bool) {
        guard let context else { return }
        needsFlush = false
        var written: EventLoopPromise<Void>?
        if closing {
            linger()
            timers.start(.linger, at: .now() + loop.settings.lingerTimeout)
            let promise = context.eventLoop.makePromise(of: Void.self)
            let channel = context.channel
            promise.futureResult.whenComplete { _ in channel.close(mode: .output, promise: nil) }
            written = promise
        }
        isEnding = true
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
        isEnding = false
    }

    /// Ends the connection within a response, without the end that would make it look complete.
    func cut() {
        guard let context else { return }
        phase = .lingering
        needsFlush = false
        context.flush()
        context.close(promise: nil)
    }

    func close() {
        context?.close(promise: nil)
    }

    private func linger() {
        phase = .lingering
        releaseHead()
        timers.stop(.idle)
        progress.reset()
    }

    /// The handler has answered its request, and takes nothing more.
    func finish(_ handler: any RequestHandler) {
        timers.stopExchangeTimers()
        // The end of a response can have brought in the next request of a pipeline.
        guard busy === handler else { return }
        phase = .idle
        waitingStart = .now()
        progress.reset()
        if isInputClosed { return closeWhenRead() }
        timers.start(.idle, at: .now() + loop.settings.idleTimeout)
    }

    /// The request has ended and its client left before: nothing of the connection remains.
    func leaveIfInactive() {
        if !isActive { leaveLoopUnlessBusy() }
    }

    /// An error before there is a request to answer.
    private func refuseWithoutRequest(_ error: GatewayError) {
        let id = UUIDv7.make(milliseconds: UInt64(WallClock.now() / 1000), using: &loop.random)
        let body = Endpoint.unknown(nil).family.errorBody(error, requestID: id)
        let head = HTTPResponseHead(
            version: .http1_1, status: .init(statusCode: error.code.status),
            headers: [
                "content-type": ContentType.json, "x-request-id": id, "content-length": String(body.readableBytes),
                "connection": "close",
            ])
        write(.head(head))
        write(.body(.byteBuffer(body)))
        end(closing: true)
    }
}

extension GatewayError {
    fileprivate static func malformedHTTP(_ error: HTTPParserError) -> GatewayError {
        error == .headerOverflow
            ? .client(.headersTooLarge, "The request's headers are too large.")
            : .client(.invalidRequest, "The request is not well-formed HTTP/1.1.")
    }
}
