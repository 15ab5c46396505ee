import DataPlane
import GatewayCore
import Testing

/// The order of a request's stages, by value: no socket, no clock.
@Suite struct ExchangeStateMachineTests {
    static let denied = GatewayError.client(.invalidAPIKey, "no")
    static let failed = GatewayError(.upstreamError, "failed", source: .upstream)
    static let retrySafe = GatewayError(.upstreamUnreachable, "refused", source: .upstream, retry: .anywhere)

    /// A machine that has been told these events, and everything that it said but for its timers.
    static func machine(
        after events: [ExchangeEvent], terms: ExchangeStateMachine.Terms = .init()
    ) -> (machine: ExchangeStateMachine, actions: [ExchangeAction]) {
        var machine = ExchangeStateMachine(terms)
        var actions: [ExchangeAction] = []
        machine.begin(&actions)
        for event in events { machine.tell(event, &actions) }
        return (machine, actions.withoutTimers)
    }

    @Test func `A small answer goes out in one write`() {
        let (machine, actions) = Self.machine(after: [
            .authenticated, .bodyPart(bytes: 300), .bodyEnd, .planned(routes: 1), .admitted, .answerHead(.json),
            .answerPart(bytes: 200, hasContent: true), .answerEnd,
        ])
        #expect(
            actions == [.authenticate, .plan, .admit(0), .attempt(0), .bufferPart, .sendWhole, .settle(.complete, nil)])
        #expect(machine.stage == .ended)
    }

    @Test func `A large answer flows once it is too large to hold`() {
        let (_, actions) = Self.machine(
            after: Stages.awaitingHead + [
                .answerHead(.json), .answerPart(bytes: 60_000, hasContent: true),
                .answerPart(bytes: 10_000, hasContent: true), .answerPart(bytes: 5, hasContent: true),
                .answerEnd,
            ])
        #expect(
            actions.dropFirst(4) == [
                .bufferPart, .sendHead, .sendPart, .sendPart, .sendEnd, .settle(.complete, nil),
            ])
    }

    @Test func `A stream goes out as it comes`() {
        let (_, actions) = Self.machine(
            after: Stages.awaitingHead + [.answerHead(.stream), .answerPart(bytes: 9, hasContent: true), .answerEnd])
        #expect(actions.dropFirst(4) == [.sendHead, .sendPart, .sendEnd, .settle(.complete, nil)])
    }

    @Test func `The beginning of a stream is held back while another attempt is possible`() {
        let lifecycle = ExchangeEvent.answerPart(bytes: 100, hasContent: false)
        let held = Self.machine(after: Stages.awaitingHead + [.answerHead(.stream), lifecycle, lifecycle])
        #expect(held.actions.dropFirst(4) == [.bufferPart, .bufferPart])
        var expired = held.machine
        #expect(expired.actions(after: .timer(.streamBuffer)) == [.sendHead])
        #expect(expired.stage == .relay(.stream))
        var large = held.machine
        #expect(large.actions(after: .answerPart(bytes: 65_400, hasContent: false)) == [.sendHead, .sendPart])
        var failing = held.machine
        #expect(
            failing.actions(after: .attemptFailed(Self.retrySafe)) == [
                .attemptEnded(Self.retrySafe), .wait(milliseconds: 200),
            ])
        var complete = held.machine
        #expect(complete.actions(after: .answerEnd) == [.sendHead, .sendEnd, .settle(.complete, nil)])

        let last = Self.machine(
            after: Stages.awaitingHead + [
                .attemptFailed(Self.retrySafe), .timer(.retry), .admitted, .answerHead(.stream), lifecycle,
            ])
        #expect(last.actions.suffix(2) == [.sendHead, .sendPart])
    }

    @Test func `A stream that tells of its failure is the answer, once no other attempt follows`() {
        let held = Stages.awaitingHead + [.answerHead(.stream), .answerPart(bytes: 100, hasContent: false)]
        let refused = GatewayError(.invalidRequest, "too long", source: .upstream)
        let told = Self.machine(after: held + [.attemptFailedInStream(refused)])
        #expect(
            told.actions.dropFirst(4) == [
                .bufferPart, .sendHead, .sendPart, .sendEnd, .settle(.upstreamError, refused),
            ])
        var busy = Self.machine(after: held).machine
        #expect(
            busy.actions(after: .attemptFailedInStream(Self.retrySafe)) == [
                .attemptEnded(Self.retrySafe), .wait(milliseconds: 200),
            ])
        let late = Self.machine(after: Stages.streaming + [.attemptFailedInStream(refused)])
        #expect(late.actions.suffix(3) == [.sendPart, .sendEnd, .settle(.upstreamError, refused)])
    }

    @Test func `A failure lasts for the caller only if every attempt's does`() {
        let lasting = GatewayError(.upstreamError, "no model", source: .upstream, retry: .elsewhere, isLasting: true)
        let passing = GatewayError(.upstreamError, "busy", source: .upstream, retry: .elsewhere)
        func last(_ first: GatewayError, _ second: GatewayError) -> GatewayError? {
            let events: [ExchangeEvent] = [
                .authenticated, .bodyEnd, .planned(routes: 2), .admitted, .attemptFailed(first), .admitted,
                .attemptFailed(second),
            ]
            guard case .settle(_, let error) = Self.machine(after: events).actions.last else { return nil }
            return error
        }
        #expect(last(lasting, lasting)?.isLasting == true)
        #expect(last(passing, lasting)?.isLasting == false)
    }

    @Test func `An upstream is read to its end for the usage where that is wanted`() {
        for reached in [Stages.awaitingHead, Stages.streaming, Stages.streaming + [.clientUnwritable]] {
            let (machine, actions) = Self.machine(
                after: reached + [.clientGone(isDrained: true), .answerPart(bytes: 5, hasContent: true), .answerEnd])
            #expect(!actions.contains(.cancelUpstream))
            #expect(actions.suffix(2) == [.closeClient, .settle(.clientCancelled, nil)])
            #expect(machine.stage == .ended)
        }
        let late = Self.machine(after: Stages.streaming + [.clientGone(isDrained: true), .timer(.responsePart)])
        #expect(late.actions.suffix(2) == [.cancelUpstream, .settle(.clientCancelled, nil)])
    }

    @Test func `A client that leaves at the last event had all of its stream`() {
        let over = ExchangeEvent.answerPart(bytes: 5, hasContent: true, progress: .over)
        let after = Self.machine(after: Stages.streaming + [over, .clientGone(isDrained: false), .answerEnd])
        #expect(after.actions.suffix(2) == [.closeClient, .settle(.complete, nil)])
        let before = Self.machine(after: Stages.streaming + [.clientGone(isDrained: true), over, .answerEnd])
        #expect(before.actions.last == .settle(.clientCancelled, nil))
    }

    @Test func `The body waits for a key that is not cached`() {
        let (_, actions) = Self.machine(after: [
            .lookupPending, .bodyPart(bytes: 10), .bodyEnd, .authenticated,
        ])
        #expect(actions == [.authenticate, .pauseClient, .resumeClient, .plan])
    }

    @Test func `Nothing of the body is asked for before the key is good`() {
        let terms = ExchangeStateMachine.Terms(declaredBytes: 10, expectsContinue: true)
        #expect(Self.machine(after: [.lookupPending], terms: terms).actions.contains(.sendContinue) == false)
        #expect(Self.machine(after: [.authenticated], terms: terms).actions.last == .sendContinue)
        let refused = Self.machine(after: [.refused(Self.denied)], terms: terms).actions
        #expect(refused.dropFirst() == [.sendError(Self.denied, closing: true), .settle(.refused, Self.denied)])
    }

    @Test func `A body over the limit is refused by its declaration or by its bytes`() {
        let declared = Self.machine(after: [.authenticated], terms: .init(declaredBytes: 101, maxBodyBytes: 100))
        let counted = Self.machine(
            after: [.authenticated, .bodyPart(bytes: 60), .bodyPart(bytes: 41)], terms: .init(maxBodyBytes: 100))
        for actions in [declared.actions, counted.actions] {
            guard case .sendError(let error, closing: true) = actions[1] else { Issue.record("\(actions)"); continue }
            #expect(error.code == .requestTooLarge)
        }
        #expect(
            Self.machine(after: [.authenticated, .bodyPart(bytes: 100)], terms: .init(maxBodyBytes: 100)).machine.stage
                == .read)
    }

    @Test func `A refusal after the body keeps the connection`() {
        let (_, actions) = Self.machine(after: [.authenticated, .bodyEnd, .refused(Self.denied)])
        #expect(actions.suffix(2) == [.sendError(Self.denied, closing: false), .settle(.refused, Self.denied)])
    }

    @Test func `Every attempt is admitted before it is made`() {
        let (machine, actions) = Self.machine(after: [.authenticated, .bodyEnd, .planned(routes: 2)])
        #expect(actions == [.authenticate, .plan, .admit(0)])
        #expect(machine.stage == .execute(.admitting(position: 0)))
        let retried = Self.machine(after: Stages.admitted(1) + [.attemptFailed(Self.retrySafe), .timer(.retry)])
        #expect(retried.actions.suffix(2) == [.wait(milliseconds: 200), .admit(0)])
    }

    @Test func `An attempt that is not admitted calls no provider`() {
        let limited = GatewayError(.overloaded, "no place", source: .gateway)
        let first = Self.machine(after: [.authenticated, .bodyEnd, .planned(routes: 2), .refused(limited)])
        #expect(
            first.actions.suffix(3) == [.admit(0), .sendError(limited, closing: false), .settle(.refused, limited)])
        let second = Self.machine(after: Stages.admitted(2) + [.attemptFailed(Self.retrySafe), .refused(limited)])
        #expect(
            second.actions.suffix(3)
                == [.admit(1), .sendError(limited, closing: false), .settle(.upstreamError, limited)])
        let late = Self.machine(after: [.authenticated, .bodyEnd, .planned(routes: 1), .lookupPending, .timer(.lookup)])
        guard case .settle(.refused, let error) = late.actions.last else { Issue.record("\(late.actions)"); return }
        #expect(error?.code == .notReady)
        #expect(!late.actions.contains(.cancelUpstream))
    }

    @Test func `The next route is tried only where that is safe`() {
        let safe = Self.machine(after: Stages.admitted(2) + [.attemptFailed(Self.retrySafe), .admitted])
        #expect(safe.actions.suffix(3) == [.attemptEnded(Self.retrySafe), .admit(1), .attempt(1)])
        let unsafe = Self.machine(after: Stages.admitted(2) + [.attemptFailed(Self.failed)])
        #expect(
            unsafe.actions.suffix(2) == [.sendError(Self.failed, closing: false), .settle(.upstreamError, Self.failed)])
        let exhausted = Self.machine(
            after: Stages.admitted(2) + [
                .attemptFailed(Self.retrySafe), .admitted, .attemptFailed(Self.retrySafe), .timer(.retry), .admitted,
                .attemptFailed(Self.retrySafe),
            ])
        #expect(exhausted.actions.filter { $0 == .attempt(0) }.count == 2)
        #expect(exhausted.actions.last == .settle(.upstreamError, Self.retrySafe))
    }

    @Test func `A timeout is followed by another attempt only if it may be billed twice`() {
        let once = Self.machine(after: Stages.admitted(2) + [.timer(.responseHead)])
        guard case .settle(.timeout, _) = once.actions.last else { Issue.record("\(once.actions)"); return }
        let twice = Self.machine(
            after: Stages.admitted(2) + [.timer(.responseHead), .admitted], terms: .init(repeatsAfterTimeout: true))
        #expect(twice.actions.last == .attempt(1))
        #expect(twice.actions.contains(.cancelUpstream))
    }

    @Test func `An error within an answer is said in band`() {
        let (_, actions) = Self.machine(after: Stages.streaming + [.attemptFailed(Self.failed)])
        #expect(actions.suffix(2) == [.sendBrokenEnd(Self.failed), .settle(.upstreamError, Self.failed)])
    }

    @Test func `A slow client slows its upstream`() {
        let (_, actions) = Self.machine(
            after: Stages.streaming + [.clientUnwritable, .clientUnwritable, .clientWritable, .clientWritable])
        #expect(actions.suffix(2) == [.pauseUpstream, .resumeUpstream])
        #expect(actions.filter { $0 == .pauseUpstream }.count == 1)
    }

    @Test func `A client that reads nothing is given up`() {
        let (_, actions) = Self.machine(after: Stages.streaming + [.clientUnwritable, .timer(.stall)])
        #expect(actions.suffix(3) == [.cancelUpstream, .closeClient, .settle(.clientCancelled, nil)])
    }

    @Test(arguments: Stages.all) func `Every way out settles once and last`(reached: Stages) {
        for event in Stages.everyEvent {
            for second in Stages.everyEvent {
                let (machine, actions) = Self.machine(
                    after: reached.events + [event, second, .clientGone(isDrained: false), .timer(.request)])
                let settled = actions.filter { if case .settle = $0 { true } else { false } }
                #expect(settled.count == 1, "\(reached.name), \(event), \(second): \(actions)")
                guard case .settle = actions.last else {
                    Issue.record("\(reached.name), \(event), \(second): settle is not last: \(actions)")
                    continue
                }
                #expect(machine.stage == .ended)
            }
        }
    }

    @Test(arguments: Stages.all) func `A client that leaves frees its upstream`(reached: Stages) {
        var machine = Self.machine(after: reached.events).machine
        let isUnderWay =
            switch machine.stage {
            case .execute(.waiting), .execute(.admitting), .execute(.awaitingCredential): false
            case .execute, .relay: true
            default: false
            }
        let isOver = reached.waitsFor == .endOfBody
        let actions = machine.actions(after: .clientGone(isDrained: false))
        #expect(actions.contains(.cancelUpstream) == (isUnderWay && !isOver), "\(reached.name)")
        #expect((machine.stage == .drain) == isOver, "\(reached.name)")
    }

    @Test(arguments: Stages.all) func `A deadline ends only what waits`(reached: Stages) {
        var (machine, actions) = Self.machine(after: reached.events)
        actions += machine.actions(after: .timer(reached.waitsFor))
        #expect(machine.stage == .ended, "\(reached.name): \(actions)")
    }

    @Test(arguments: Stages.all) func `The end of the gateway is said`(reached: Stages) {
        var machine = Self.machine(after: reached.events).machine
        let hasBegun = if case .relay = machine.stage { true } else { false }
        let actions = machine.actions(after: .shutdown)
        let said = actions.contains { action in
            switch action {
            case .sendBrokenEnd(let error): hasBegun && error.code == .serverShuttingDown
            case .sendError(let error, let closing): !hasBegun && closing && error.code == .serverShuttingDown
            default: false
            }
        }
        #expect(said, "\(reached.name): \(actions)")
    }
}

extension ExchangeStateMachine {
    /// What the machine says to `event`, but for its timers.
    fileprivate mutating func actions(after event: ExchangeEvent) -> [ExchangeAction] {
        var actions: [ExchangeAction] = []
        tell(event, &actions)
        return actions.withoutTimers
    }

    /// Tells the machine as the shell would: an upstream that is not waited for any longer has ended.
    fileprivate mutating func tell(_ event: ExchangeEvent, _ actions: inout [ExchangeAction]) {
        let (before, isError) = (actions.count, stage == .execute(.readingError))
        handle(event, &actions)
        guard actions[before...].contains(.finishWithoutEndOfBody) else { return }
        handle(isError ? .attemptFailed(ExchangeStateMachineTests.failed) : .answerEnd, &actions)
    }
}

extension [ExchangeAction] {
    fileprivate var withoutTimers: [ExchangeAction] {
        filter { action in
            switch action {
            case .startTimer, .stopTimer: false
            default: true
            }
        }
    }
}

/// Every stage that a request can be in, by the events that lead there.
struct Stages: CustomTestStringConvertible, Sendable {
    let name: String
    let events: [ExchangeEvent]
    /// The timer that runs in this stage.
    var waitsFor = ExchangeTimer.request

    var testDescription: String { name }

    static func admitted(_ attempts: Int) -> [ExchangeEvent] {
        [.authenticated, .bodyEnd, .planned(routes: attempts), .admitted, .attemptStarted]
    }
    static let awaitingHead = admitted(1)
    static let bufferingStream = awaitingHead + [.answerHead(.stream)]
    static let streaming = bufferingStream + [.answerPart(bytes: 1, hasContent: true)]

    static let all = [
        Stages(name: "authenticate", events: []),
        Stages(name: "authenticate, pending", events: [.lookupPending]),
        Stages(name: "read", events: [.authenticated]),
        Stages(name: "plan", events: [.authenticated, .bodyEnd]),
        Stages(name: "execute, awaiting head", events: awaitingHead),
        Stages(name: "execute, awaiting credential", events: awaitingHead + [.credentialPending]),
        Stages(
            name: "execute, awaiting head after a credential",
            events: awaitingHead + [.credentialPending, .credentialArrived]),
        Stages(
            name: "execute, second attempt",
            events: admitted(2) + [.attemptFailed(ExchangeStateMachineTests.retrySafe), .admitted]
        ),
        Stages(name: "execute, admitting", events: [.authenticated, .bodyEnd, .planned(routes: 1)]),
        Stages(
            name: "execute, admitting the second attempt",
            events: admitted(2) + [.attemptFailed(ExchangeStateMachineTests.retrySafe)]),
        Stages(
            name: "execute, holding",
            events: awaitingHead + [.answerHead(.json), .answerPart(bytes: 1, hasContent: true)]),
        Stages(name: "execute, holding stream", events: bufferingStream),
        Stages(name: "execute, waiting", events: awaitingHead + [.attemptFailed(ExchangeStateMachineTests.retrySafe)]),
        Stages(name: "execute, reading error", events: awaitingHead + [.answerHead(.error)]),
        Stages(name: "relay, stream", events: streaming, waitsFor: .responsePart),
        Stages(name: "relay, stream, paused", events: streaming + [.clientUnwritable], waitsFor: .stall),
        Stages(
            name: "relay, stream, over",
            events: streaming + [.answerPart(bytes: 1, hasContent: true, progress: .over)], waitsFor: .endOfBody),
        Stages(
            name: "relay, json",
            events: awaitingHead + [.answerHead(.json), .answerPart(bytes: 100_000, hasContent: true)],
            waitsFor: .responsePart),
    ]

    static let everyEvent: [ExchangeEvent] =
        [
            .lookupPending, .authenticated, .answeredLocally, .planned(routes: 2), .admitted,
            .refused(ExchangeStateMachineTests.denied), .bodyPart(bytes: 10), .bodyEnd, .clientUnwritable,
            .clientWritable,
            .clientGone(isDrained: false), .clientGone(isDrained: true), .answerHead(.json), .answerHead(.stream),
            .answerHead(.error), .answerPart(bytes: 10, hasContent: true),
            .answerPart(bytes: 100_000, hasContent: true),
            .answerPart(bytes: 0, hasContent: false, progress: .complete),
            .answerPart(bytes: 5, hasContent: true, progress: .over), .answerEnd,
            .attemptFailed(ExchangeStateMachineTests.failed), .attemptFailed(ExchangeStateMachineTests.retrySafe),
            .attemptStarted, .credentialPending, .credentialArrived,
            .attemptRefused(ExchangeStateMachineTests.denied), .attemptRefused(ExchangeStateMachineTests.retrySafe),
            .shutdown,
        ] + ExchangeTimer.allCases.map(ExchangeEvent.timer)
}
