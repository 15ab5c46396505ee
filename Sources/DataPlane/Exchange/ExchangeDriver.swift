import Egress
import GatewayCore
import NIOCore
import NIOHTTP1
import Providers
import WireFormats

/// Drives one request through its stages: passes events to the state machine, and performs its actions.
///
/// `+Decisions` has the stages that never wait, `+Stages` those that may wait and the settlement, `+Response` the
/// output to the client, `+Timers` the durations.
final class ExchangeDriver {
    let connection: ClientConnection
    let loop: LoopContext
    let head: HTTPRequestHead
    let endpoint: Endpoint
    /// A request keeps the snapshot with which it started.
    let snapshot: DataPlaneSnapshot
    let startedAt: NIODeadline
    private(set) var machine: ExchangeStateMachine
    var exchange: Exchange

    // 1. Authenticate
    /// Whether the request is counted in the gateway's load.
    var isCounted = false
    var key: KeyRecord?
    /// The key as it was presented, to be checked again before the request reaches a provider.
    var credentials: Credentials?
    /// What `key` was checked against; see `KeyLookup.generation`.
    var keyGeneration = 0
    /// A look-up of the key that is under way.
    var keyTicket: KeyLookup.Ticket?
    /// Why the head is refused, before anything else.
    let fault: GatewayError?

    // 2. Read
    var body = ByteBuffer()
    private var reservedBytes = 0
    /// Why the body cannot be decoded.
    var codingFault: GatewayError?
    /// Nil for a body that comes as it is.
    var codedBody: CodedBody?
    /// The part of `reservedBytes` that the decoder takes.
    private var reservedForDecoder = 0

    // 3. and 4. Resolve and plan
    var api: APIRequest?
    var model: ResolvedModel?
    /// Why the body is refused.
    var scanError: GatewayError?
    var localAnswer = ByteBuffer()

    // 5. Admit
    /// The claims of the request, made with its first attempt.
    var claims: [Claim] = []
    /// The grants that have not been returned.
    var grant = Grant()
    /// Of the attempt that is admitted or under way.
    var ledgerEntry: OpenLedgerEntry?
    /// How many attempts have an entry in the ledger.
    var ledgerEntries = 0

    // 6. and 7. Execute and relay
    /// The current attempt, or the one that answered.
    var attempt: ActiveAttempt?
    /// When bytes were last sent to the client.
    var lastSentAt = NIODeadline.now()

    // 8. and 9. Settle and record
    var isSettled = false

    /// - Parameter fault: why the head is refused.
    init(
        _ head: HTTPRequestHead, _ endpoint: Endpoint, refusing fault: GatewayError? = nil,
        on connection: ClientConnection
    ) {
        self.fault = fault
        self.connection = connection
        self.head = head
        self.endpoint = endpoint
        loop = connection.loop
        snapshot = loop.snapshot
        startedAt = .now()
        let framing = RequestFraming(head)
        machine = ExchangeStateMachine(
            .init(
                declaredBytes: framing.declaredBytes, hasBody: framing.hasBody,
                expectsContinue: framing.expectsContinue, isKeptAlive: head.isKeepAlive,
                maxBodyBytes: loop.settings.maxRequestBodyBytes, attempts: loop.settings.attempts,
                repeatsAfterTimeout: loop.settings.repeatsAfterTimeout))
        let now = WallClock.now()
        let id = UUIDv7.make(milliseconds: UInt64(now / 1000), using: &loop.random)
        exchange = Exchange(
            id: id, requestID: RequestIdentity.correlation(in: head.headers) ?? id, receivedAt: now,
            method: head.method.rawValue, path: head.uri.pathPart)
        exchange.client = RequestIdentity.clientFacts(in: head.headers)
    }

    /// Microseconds since the request was received.
    var elapsed: Int64 {
        (NIODeadline.now() - startedAt).nanoseconds / 1000
    }

    // MARK: Events and actions

    /// Passes the event to the state machine, and performs its actions.
    func handle(_ event: ExchangeEvent) {
        perform { machine.handle(event, &$0) }
    }

    /// Performs the actions that `decide` appends. An action can cause further events, whose actions come first; so one
    /// list, which keeps its capacity, serves all requests of the loop.
    private func perform(_ decide: (inout [ExchangeAction]) -> Void) {
        let first = loop.actions.count
        decide(&loop.actions)
        let end = loop.actions.count
        for index in first..<end { perform(loop.actions[index]) }
        loop.actions.removeLast(end - first)
    }

    private func perform(_ action: ExchangeAction) {
        switch action {
        case .authenticate: authenticate()
        case .plan: plan()
        case .admit(let position): admit(position)
        case .attempt(let position): makeAttempt(position)
        case .attemptEnded(let error): endAttempt(error)
        case .startTimer(let timer): startTimer(timer)
        case .stopTimer(let timer): connection.timers.stop(.exchange(timer))
        case .wait(let milliseconds): startRetryTimer(milliseconds)
        case .pauseClient: connection.pauseReading()
        case .resumeClient: connection.resumeReading()
        case .sendContinue: sendContinue()
        case .sendLocalAnswer: sendLocalAnswer()
        case .sendError(let error, let closing): sendError(error, closing: closing)
        case .bufferPart: attempt?.bufferPending()
        case .sendHead:
            recordRouteIsHealthy()
            sendHead()
        case .sendPart:
            recordStoredResponse()
            sendPart()
        case .sendWhole:
            recordStoredResponse()
            sendComplete(
                attempt?.takeBuffered() ?? ByteBuffer(), status: 200, extra: attempt?.forwardedHeaders ?? [])
        case .sendEnd: connection.end(closing: !connection.isReusable(after: head))
        case .sendKeepAlive: sendKeepAlive()
        case .sendBrokenEnd(let error): sendBrokenEnd(error)
        case .closeClient: connection.close()
        case .pauseUpstream: attempt?.call?.pause()
        case .resumeUpstream: attempt?.call?.resume()
        case .cancelUpstream: attempt?.cancel()
        case .finishWithoutEndOfBody: attempt?.finishWithoutEndOfBody()
        case .settle(let reason, let error): settle(reason, error)
        }
    }

    /// Continues after a wait, unless the request has ended meanwhile, and flushes the output.
    func resume(_ body: () -> Void) {
        guard !isSettled else { return }
        body()
        connection.flushIfNeeded()
    }

    /// Counts the copy of the body that the route's changes cost.
    func reserveCopy(for attempt: ActiveAttempt) throws(GatewayError) {
        guard attempt.route.adjustments.changeBody, attempt.reservedBytes == 0 else { return }
        let bytes = body.readableBytes + (attempt.route.adjustments.extraBody?.utf8.count ?? 0)
        guard loop.load.reserve(bytes) else { throw .overloaded }
        attempt.reservedBytes = bytes
    }

    /// The upstream has the copy, or will not get it.
    func releaseCopy(of attempt: ActiveAttempt) {
        loop.load.release(attempt.reservedBytes)
        attempt.reservedBytes = 0
    }

    /// No attempt needs the body again.
    func releaseBody() {
        if let attempt { releaseCopy(of: attempt) }
        loop.load.release(reservedBytes)
        reservedBytes = 0
        reservedForDecoder = 0
        codedBody = nil
        body = ByteBuffer()
    }
}

// MARK: Events of the client

extension ExchangeDriver: RequestHandler {
    func start() {
        perform(machine.begin)
    }

    func receiveBody(_ part: ByteBuffer) {
        guard codedBody != nil else { return takeBody(part) }
        codedBody?.feed(part)
        decodeBody()
    }

    private func takeBody(_ part: ByteBuffer) {
        guard loop.load.reserve(part.readableBytes) else { return handle(.refused(.overloaded)) }
        reservedBytes += part.readableBytes
        body.append(part)
        handle(.bodyPart(bytes: part.readableBytes))
    }

    /// Takes what can be decoded of what has come in. A limit that is passed ends it, before more is decoded.
    func decodeBody() {
        do throws(GatewayError) {
            while machine.stage != .ended, let piece = try codedBody?.next() { takeBody(piece) }
            guard machine.stage != .ended, let coded = codedBody else { return }
            let growth = coded.workingBytes - reservedForDecoder
            guard growth <= 0 || loop.load.reserve(growth) else { throw .overloaded }
            reservedBytes += max(0, growth)
            reservedForDecoder += max(0, growth)
            guard coded.encodedBytes <= loop.settings.maxRequestBodyBytes else {
                return handle(.bodyPart(bytes: coded.encodedBytes))
            }
        } catch {
            handle(.refused(error))
        }
    }

    func receiveEnd() {
        guard codedBody?.end() ?? true else { return }
        endBody()
    }

    func endBody() {
        do throws(GatewayError) {
            try codedBody?.finish()
            codedBody = nil
            handle(.bodyEnd)
        } catch {
            handle(.refused(error))
        }
    }

    func refuse(_ error: GatewayError) -> Bool {
        guard machine.stage != .ended else { return false }
        handle(.refused(error))
        return true
    }

    var isRequestComplete: Bool { machine.isBodyEnded || codedBody?.isEndEarly == true }

    func probeClient() -> Bool {
        guard head.version.minor > 0 else { return false }
        if !machine.isAnswerBegun {
            sendContinue()
        } else if exchange.isStream {
            sendKeepAlive()
        }
        return true
    }

    func clientWritabilityChanged(isWritable: Bool) {
        handle(isWritable ? .clientWritable : .clientUnwritable)
    }

    func clientDisconnected() {
        handle(.clientGone(isDrained: attempt?.provider.drainsAfterDisconnect ?? false))
    }

    func interrupt() {
        handle(.shutdown)
    }

    var outlivesClient: Bool { machine.stage == .drain }
}

extension String {
    /// The path of a request target, without its query.
    var pathPart: String {
        utf8.firstIndex(of: UInt8(ascii: "?")).map { String(self[..<$0]) } ?? self
    }
}
