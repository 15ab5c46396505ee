import Egress
import GatewayCore
import NIOCore
import NIOHTTP1
import Providers
import WireFormats

/// Relays a request for `/api`, `/api/*` or `/admin*` to the control plane, and its response to the client.
///
/// It asks for no key: the control plane authenticates its users itself. Neither body nor response is buffered.
final class ControlPlaneRelay {
    /// For a 405 (RFC 9110, section 15.5.6).
    private static let allowedMethods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"

    private let connection: ClientConnection
    private let loop: LoopContext
    private let head: HTTPRequestHead
    private let endpoint: Endpoint
    private let origin: UpstreamOrigin
    private let framing: RequestFraming
    private let startedAt = NIODeadline.now()
    private var machine: RelayStateMachine
    private var exchange: Exchange
    private var call: (any UpstreamCall)?
    private var isCounted = false
    private var isStarted = false
    /// The body of a pipelined request can come in before the request is started; one read bounds it.
    private var earlyEvents: [RelayEvent] = []
    /// The end of the connection ends the response, since nothing else can.
    private var endsWithConnection = false

    init(_ head: HTTPRequestHead, _ endpoint: Endpoint, to origin: UpstreamOrigin, on connection: ClientConnection) {
        self.connection = connection
        self.head = head
        self.endpoint = endpoint
        self.origin = origin
        loop = connection.loop
        framing = RequestFraming(head)
        machine = RelayStateMachine(
            .init(
                declaredBytes: framing.declaredBytes, hasBody: framing.hasBody,
                expectsContinue: framing.expectsContinue, isKeptAlive: head.isKeepAlive,
                maxBodyBytes: loop.settings.maxRequestBodyBytes))
        let now = WallClock.now()
        let id = UUIDv7.make(milliseconds: UInt64(now / 1000), using: &loop.random)
        exchange = Exchange(
            id: id, requestID: RequestIdentity.correlation(in: head.headers) ?? id, receivedAt: now,
            method: head.method.rawValue, path: head.uri.pathPart)
    }

    // MARK: Events and actions

    private func handle(_ event: RelayEvent) {
        perform { machine.handle(event, &$0) }
    }

    private func perform(_ decide: (inout [RelayAction]) -> Void) {
        var actions: [RelayAction] = []
        decide(&actions)
        for action in actions { perform(action) }
    }

    private func perform(_ action: RelayAction) {
        switch action {
        case .startTimer(let timer): startTimer(timer)
        case .stopTimer(let timer): connection.timers.stop(.exchange(timer))
        case .pauseClient: connection.pauseReading()
        case .resumeClient: connection.resumeReading()
        case .sendContinue:
            connection.write(.head(HTTPResponseHead(version: .http1_1, status: .continue)))
            connection.flushIfNeeded()
        case .sendHead(let head): sendHead(head)
        case .sendPart(let part): sendPart(part)
        case .sendEnd(let closing):
            connection.end(closing: closing || endsWithConnection || !connection.isReusable(after: head))
        case .sendError(let error, let closing): sendError(error, closing: closing)
        case .cut: connection.cut()
        case .closeClient: connection.close()
        case .connect: connect()
        case .forwardPart(let part): call?.send(part)
        case .forwardEnd: call?.finishBody()
        case .pauseUpstream: call?.pause()
        case .resumeUpstream: call?.resume()
        case .cancelUpstream: call?.cancel()
        case .settle(let reason, let error): settle(reason, error)
        }
    }

    private func settle(_ reason: EndReason, _ error: GatewayError?) {
        call = nil
        exchange.finish(reason, error: error, at: elapsed)
        if isCounted { loop.load.leaveControlPlane() }
        connection.resumeReading()
        connection.finish(self)
        loop.recorder.record(exchange)
        connection.leaveIfInactive()
    }

    /// Microseconds since the request was received.
    private var elapsed: Int64 {
        (NIODeadline.now() - startedAt).nanoseconds / 1000
    }
}

// MARK: The client's side

extension ControlPlaneRelay: RequestHandler {
    func start() {
        isStarted = true
        // After CONNECT a connection carries no HTTP, and TRACE would show a script what the client's cookies are.
        if head.method == .CONNECT || head.method == .TRACE {
            return handle(
                .refused(.client(.methodNotAllowed, "\(head.method.rawValue) is not allowed here.")))
        }
        guard loop.load.enterControlPlane() else { return handle(.refused(.overloaded)) }
        isCounted = true
        perform { machine.begin(&$0) }
        for event in earlyEvents { handle(event) }
        earlyEvents = []
    }

    func receiveBody(_ part: ByteBuffer) { receive(.bodyPart(part)) }

    func receiveEnd() { receive(.bodyEnd) }

    private func receive(_ event: RelayEvent) {
        if isStarted { handle(event) } else { earlyEvents.append(event) }
    }

    func refuse(_ error: GatewayError) -> Bool {
        guard machine.stage != .ended else { return false }
        handle(.refused(error))
        return true
    }

    var isRequestComplete: Bool { machine.isBodyEnded }

    func probeClient() -> Bool {
        // Within a response of unknown content there is nothing that means nothing.
        guard head.version.minor > 0, machine.stage == .awaitingHead else { return false }
        connection.write(.head(HTTPResponseHead(version: .http1_1, status: .continue)))
        return true
    }

    func clientWritabilityChanged(isWritable: Bool) { handle(isWritable ? .clientWritable : .clientUnwritable) }

    func clientDisconnected() { handle(.clientGone) }

    func interrupt() { handle(.shutdown) }

    var outlivesClient: Bool { false }

    private func sendHead(_ response: HTTPResponseHead) {
        var headers = ForwardedHeaders.response(response.headers, requestID: exchange.requestID)
        var version = head.version  // HTTP/1.0 has no chunks: the end of the connection ends the response.
        // The encoder would announce chunks, and end them, for a HEAD whose response has no length.
        if head.method == .HEAD, !headers.contains(name: "content-length") {
            version = .http1_0
            endsWithConnection = true
        }
        if endsWithConnection || !connection.isReusable(after: head) { headers.add(name: "connection", value: "close") }
        recordFirstByte(status: Int(response.status.code))
        connection.write(.head(HTTPResponseHead(version: version, status: response.status, headers: headers)))
    }

    private func sendPart(_ part: ByteBuffer) {
        connection.write(.body(.byteBuffer(part)))
        if connection.isActive, !connection.isWritable { handle(.clientUnwritable) }
    }

    private func sendError(_ error: GatewayError, closing: Bool) {
        let body = endpoint.family.errorBody(error, requestID: exchange.requestID)
        let closing = closing || !connection.isReusable(after: head)
        var headers: HTTPHeaders = [
            "content-type": ContentType.json, "x-request-id": exchange.requestID,
            "x-gateway-request-id": exchange.id,
        ]
        if let seconds = error.retryAfterSeconds { headers.add(name: "retry-after", value: String(seconds)) }
        if error.code == .methodNotAllowed { headers.add(name: "allow", value: Self.allowedMethods) }
        headers.add(name: "content-length", value: String(body.readableBytes))
        if closing { headers.add(name: "connection", value: "close") }
        recordFirstByte(status: error.code.status)
        connection.write(
            .head(HTTPResponseHead(version: .http1_1, status: .init(statusCode: error.code.status), headers: headers)))
        if head.method != .HEAD { connection.write(.body(.byteBuffer(body))) }
        connection.end(closing: closing)
    }

    private func recordFirstByte(status: Int) {
        exchange.firstByteAfter = elapsed
        exchange.status = status
    }
}

// MARK: The control plane's side

extension ControlPlaneRelay: UpstreamReceiver {
    private func connect() {
        let body: UpstreamRequest.Body =
            if !framing.hasBody { .absent } else { .streamed(length: framing.declaredBytes) }
        let headers = ForwardedHeaders.request(
            head.headers, client: connection.clientAddress, isEncrypted: loop.settings.tls != nil,
            requestID: exchange.requestID)
        call = loop.upstreams.send(
            UpstreamRequest(
                origin: origin, method: head.method, path: head.uri, headers: headers, credential: nil, body: body,
                connectTimeout: loop.settings.controlPlaneTimeouts.connect),
            receiver: self)
    }

    func upstreamWritabilityChanged(isWritable: Bool) {
        handle(isWritable ? .upstreamWritable : .upstreamUnwritable)
        connection.flushIfNeeded()
    }

    func upstreamHead(_ head: HTTPResponseHead) { handle(.responseHead(head)) }

    func upstreamPart(_ part: ByteBuffer) { handle(.responsePart(part)) }

    func upstreamReadComplete() { connection.flushIfNeeded() }

    func upstreamEnd() {
        handle(.responseEnd)
        connection.flushIfNeeded()
    }

    func upstreamFailed(_ failure: UpstreamFailure) {
        handle(.failed(.controlPlane(failure)))
        connection.flushIfNeeded()
    }
}

// MARK: Time

extension ControlPlaneRelay {
    /// The only place that sets a deadline of a relayed request.
    private func startTimer(_ timer: ExchangeTimer) {
        let settings = loop.settings
        let now = NIODeadline.now()
        let deadline: NIODeadline
        switch timer {
        case .request: deadline = startedAt + settings.requestDeadline
        case .body: deadline = now + settings.bodyTimeout
        case .wholeBody: deadline = now + settings.wholeBodyTimeout
        case .responseHead: deadline = now + settings.controlPlaneTimeouts.connect + settings.controlPlaneTimeouts.head
        case .responsePart: deadline = now + settings.controlPlaneTimeouts.idle
        case .stall:
            connection.restartProgress()
            deadline = now + settings.stallTimeout
        case .lookup, .attempt, .endOfBody, .streamBuffer, .retry, .keepAlive: return
        }
        connection.timers.start(.exchange(timer), at: deadline)
    }

    func timerFired(_ timer: ExchangeTimer) {
        let now = NIODeadline.now()
        guard timer == .stall else { return handle(.timer(timer)) }
        // A client that takes something, however slowly, has not stopped reading.
        connection.measureProgress(now)
        if connection.isStalled(now) {
            handle(.timer(.stall))
        } else {
            connection.timers.start(
                .exchange(.stall), at: connection.progress.movedAt + loop.settings.stallTimeout)
        }
    }
}
