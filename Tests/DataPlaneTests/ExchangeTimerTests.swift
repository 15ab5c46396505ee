import DataPlane
import GatewayCore
import NIOCore
import Testing

/// Which timers run in which stage, by value: what the machine starts and does not stop again.
@Suite struct ExchangeTimerTests {
    private static let failed = GatewayError(.upstreamUnreachable, "refused", source: .upstream, retry: .anywhere)
    private static let admitted: [ExchangeEvent] = [
        .authenticated, .bodyEnd, .planned(routes: 1), .admitted, .attemptStarted,
    ]
    private static let streaming = admitted + [.answerHead(.stream), .answerPart(bytes: 1, hasContent: true)]

    /// The timers that run after these events.
    private func running(_ events: [ExchangeEvent]) -> Set<ExchangeTimer> {
        var machine = ExchangeStateMachine(.init())
        var actions: [ExchangeAction] = []
        machine.begin(&actions)
        for event in events { machine.handle(event, &actions) }
        return actions.reduce(into: []) { running, action in
            switch action {
            case .startTimer(let timer): running.insert(timer)
            case .stopTimer(let timer): running.remove(timer)
            case .wait: running.insert(.retry)
            case .settle: running = []
            default: break
            }
        }
    }

    @Test func `A credential is waited for under the time of its attempt`() {
        let waiting = Self.admitted + [.credentialPending]
        #expect(running(waiting) == [.request, .attempt, .responseHead])
        #expect(running(waiting + [.credentialArrived]) == [.request, .attempt, .responseHead])
    }

    @Test func `A request waits for its key, its body, and the database`() {
        #expect(running([]) == [.request])
        #expect(running([.lookupPending]) == [.request, .lookup])
        #expect(running([.lookupPending, .authenticated]) == [.request, .body, .wholeBody])
        #expect(running([.authenticated, .bodyPart(bytes: 1)]) == [.request, .body, .wholeBody])
        #expect(running([.authenticated, .bodyEnd]) == [.request])
        #expect(running([.authenticated, .bodyEnd, .lookupPending]) == [.request, .lookup])
        #expect(running([.authenticated, .bodyEnd, .lookupPending, .planned(routes: 1)]) == [.request])
        let admitting: [ExchangeEvent] = [.authenticated, .bodyEnd, .planned(routes: 1), .lookupPending]
        #expect(running(admitting) == [.request, .lookup])
        #expect(running(admitting + [.admitted]) == [.request])
    }

    @Test func `An attempt waits for its head, then for each part`() {
        #expect(running(Self.admitted) == [.request, .attempt, .responseHead])
        for kind in [AnswerKind.json, .error] {
            #expect(running(Self.admitted + [.answerHead(kind)]) == [.request, .attempt, .responsePart])
        }
        #expect(
            running(Self.admitted + [.answerHead(.stream)]) == [.request, .attempt, .responsePart, .streamBuffer])
    }

    @Test func `A stream that flows is never cut for its length`() {
        #expect(running(Self.streaming) == [.attempt, .responsePart, .keepAlive])
        let large: [ExchangeEvent] = [.answerHead(.json), .answerPart(bytes: 100_000, hasContent: true)]
        #expect(running(Self.admitted + large) == [.attempt, .responsePart])
    }

    @Test func `While the client does not read, the time is the client's`() {
        let paused = Self.streaming + [.clientUnwritable]
        #expect(running(paused) == [.stall, .keepAlive])
        #expect(running(paused + [.answerPart(bytes: 1, hasContent: true)]) == [.stall, .keepAlive])
        #expect(running(paused + [.clientWritable]) == [.attempt, .responsePart, .keepAlive])
    }

    @Test func `After its last event a stream waits for nothing but the end of its body`() {
        let over = Self.streaming + [.answerPart(bytes: 1, hasContent: true, progress: .over)]
        #expect(running(over) == [.attempt, .endOfBody, .keepAlive])
        var machine = ExchangeStateMachine(.init())
        var actions: [ExchangeAction] = []
        for event in over { machine.handle(event, &actions) }
        actions = []
        machine.handle(.answerPart(bytes: 0, hasContent: true, progress: .over), &actions)
        #expect(actions == [], "what follows the last event postpones nothing")
        machine.handle(.timer(.endOfBody), &actions)
        #expect(actions == [.finishWithoutEndOfBody])
    }

    @Test func `Everything that a stream needs has come although its last event has not`() {
        var machine = ExchangeStateMachine(.init())
        var actions: [ExchangeAction] = []
        let complete = ExchangeEvent.answerPart(bytes: 1, hasContent: true, progress: .complete)
        for event in Self.streaming + [complete] { machine.handle(event, &actions) }
        actions = []
        machine.handle(.timer(.responsePart), &actions)
        #expect(actions == [.finishWithoutEndOfBody])
    }

    @Test func `A drained upstream is waited for no longer than a request may take`() {
        let drained = Self.streaming + [.clientUnwritable, .clientGone(isDrained: true)]
        #expect(running(drained) == [.attempt, .responsePart, .request])
    }

    @Test func `The next attempt comes when its time has come`() {
        let waiting = Self.admitted + [.attemptFailed(Self.failed)]
        #expect(running(waiting).isSuperset(of: [.request, .retry]))
        #expect(running(waiting + [.timer(.retry), .admitted, .attemptStarted]).contains(.responseHead))
    }

    @Test func `When the time of the whole request is over, no other attempt is made`() {
        var machine = ExchangeStateMachine(.init(repeatsAfterTimeout: true))
        var actions: [ExchangeAction] = []
        let events: [ExchangeEvent] = [.authenticated, .bodyEnd, .planned(routes: 2), .admitted, .attemptStarted]
        for event in events { machine.handle(event, &actions) }
        actions = []
        machine.handle(.timer(.request), &actions)
        #expect(actions.first == .cancelUpstream)
        guard case .settle(.timeout, let error) = actions.last else { Issue.record("\(actions)"); return }
        #expect(error?.code == .upstreamTimeout)
    }
}

/// Deadlines by value.
@Suite struct ConnectionTimersTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    private func due(_ timers: inout ConnectionTimers, _ seconds: Int64) -> [ConnectionTimer] {
        var fired: [ConnectionTimer] = []
        var taken: Set<ConnectionTimer> = []
        while let timer = timers.takeDue(start + .seconds(seconds), except: &taken) { fired.append(timer) }
        return fired
    }

    @Test func `Timers fire once, in the order of their deadlines`() {
        var timers = ConnectionTimers()
        timers.start(.exchange(.keepAlive), at: start + .seconds(3))
        timers.start(.idle, at: start + .seconds(2))
        timers.start(.exchange(.request), at: start + .seconds(1))
        let fired = [0, 10, 10].map { due(&timers, $0) }
        #expect(fired == [[], [.exchange(.request), .idle, .exchange(.keepAlive)], []])
    }

    @Test func `A timer that is due again at once keeps no other from its turn`() {
        var timers = ConnectionTimers()
        timers.start(.exchange(.keepAlive), at: start)
        timers.start(.exchange(.stall), at: start + .seconds(1))
        var fired: [ConnectionTimer] = []
        var taken: Set<ConnectionTimer> = []
        while fired.count < 5, let timer = timers.takeDue(start + .seconds(2), except: &taken) {
            fired.append(timer)
            if timer == .exchange(.keepAlive) { timers.start(timer, at: start) }
        }
        #expect(fired == [.exchange(.keepAlive), .exchange(.stall)])
        let next = due(&timers, 3)
        #expect(next == [.exchange(.keepAlive)])
    }

    @Test func `A timer that was stopped or started again does not fire at its old time`() {
        var timers = ConnectionTimers()
        timers.start(.head, at: start + .seconds(1))
        timers.start(.linger, at: start + .seconds(1))
        timers.stop(.head)
        timers.start(.linger, at: start + .seconds(5))
        let fired = [4, 5, 6].map { due(&timers, $0) }
        #expect(fired == [[], [.linger], []])
    }

    @Test(arguments: ExchangeTimer.allCases) func `The timers of a request end with it`(timer: ExchangeTimer) {
        var timers = ConnectionTimers()
        timers.start(.exchange(timer), at: start)
        timers.start(.idle, at: start)
        timers.stopExchangeTimers()
        let fired = due(&timers, 1)
        #expect(fired == [.idle])
    }

    @Test func `A client that takes nothing stalls`() {
        var progress = WriteProgress(now: start)
        progress.measure(100, now: start + .seconds(1))
        #expect(!progress.isStalled(now: start + .seconds(10), limit: .seconds(10)))
        progress.measure(100, now: start + .seconds(5))
        #expect(progress.isStalled(now: start + .seconds(11), limit: .seconds(10)))
        progress.measure(50, now: start + .seconds(11))
        #expect(!progress.isStalled(now: start + .seconds(20), limit: .seconds(10)))
    }

    @Test func `Nothing is read while reading is paused or the client does not read`() {
        var gate = ReadGate()
        let atOnce = gate.read(isWritable: true)
        gate.pause()
        let whilePaused = gate.read(isWritable: true)
        let beforeResuming = gate.takePendingRead(isWritable: true)
        gate.resume()
        let beforeWritable = gate.takePendingRead(isWritable: false)
        let due = gate.takePendingRead(isWritable: true)
        let twice = gate.takePendingRead(isWritable: true)
        #expect(
            [atOnce, whilePaused, beforeResuming, beforeWritable, due, twice] == [
                true, false, false, false, true, false,
            ])
    }
}
