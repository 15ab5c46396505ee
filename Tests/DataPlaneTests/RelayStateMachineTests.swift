import DataPlane
import GatewayCore
import NIOCore
import NIOHTTP1
import Testing

@Suite struct RelayStateMachineTests {
    typealias Machine = RelayStateMachine

    private static let head = HTTPResponseHead(version: .http1_1, status: .ok)
    private static let part = ByteBuffer(string: "ab")
    private static let error = GatewayError(.upstreamError, "e", source: .gateway)

    private static let events: [RelayEvent] =
        [
            .bodyPart(part), .bodyEnd, .refused(.client(.invalidRequest, "i")), .clientUnwritable, .clientWritable,
            .clientGone, .upstreamUnwritable, .upstreamWritable, .responseHead(head),
            .responseHead(HTTPResponseHead(version: .http1_1, status: .switchingProtocols)), .responsePart(part),
            .responseEnd, .failed(error), .shutdown,
        ] + ExchangeTimer.allCases.map { .timer($0) }

    private static let terms: [Machine.Terms] = [
        .init(hasBody: false), .init(), .init(declaredBytes: 4, expectsContinue: true, maxBodyBytes: 5),
        .init(isKeptAlive: false),
    ]

    private func actions(of machine: inout Machine, _ event: RelayEvent) -> [RelayAction] {
        var actions: [RelayAction] = []
        machine.handle(event, &actions)
        return actions
    }

    private func machine(_ terms: Machine.Terms = .init(), after events: RelayEvent...) -> Machine {
        var machine = Machine(terms)
        var actions: [RelayAction] = []
        machine.begin(&actions)
        for event in events { machine.handle(event, &actions) }
        return machine
    }

    /// The codes of the error responses.
    private func errors(_ actions: [RelayAction]) -> [ErrorCode] {
        actions.compactMap { if case .sendError(let error, _) = $0 { error.code } else { nil } }
    }

    // MARK: Every event in every reachable state

    /// What an observer of the actions knows.
    private struct Observer: Hashable {
        var machine: Machine
        var timers: Set<ExchangeTimer> = []
        var isClientPaused = false
        var isUpstreamPaused = false
        var isHeadSent = false
        var isOver = false

        mutating func observe(_ actions: [RelayAction]) throws {
            for action in actions {
                try #require(!isOver, "after the settlement")
                switch action {
                case .startTimer(let timer): timers.insert(timer)
                case .stopTimer(let timer): timers.remove(timer)
                case .pauseClient: isClientPaused = true
                case .resumeClient: isClientPaused = false
                case .sendHead, .sendError:
                    try #require(!isHeadSent)
                    isHeadSent = true
                case .sendPart, .sendEnd, .cut: try #require(isHeadSent)
                case .pauseUpstream:
                    try #require(!isUpstreamPaused)
                    isUpstreamPaused = true
                case .resumeUpstream:
                    try #require(isUpstreamPaused)
                    isUpstreamPaused = false
                case .sendContinue: try #require(!isHeadSent)
                case .settle: isOver = true
                case .connect, .forwardPart, .forwardEnd, .cancelUpstream, .closeClient: break
                }
            }
            try #require(isOver == (machine.stage == .ended))
            // A request that is not over always waits for something under a deadline.
            #expect(isOver || !timers.isEmpty)
            if !isOver, isUpstreamPaused { #expect(timers.contains(.stall) && !timers.contains(.responsePart)) }
            if !isOver, isClientPaused { #expect(!timers.contains(.body)) }
        }
    }

    @Test(arguments: terms) func `Every request is settled exactly once`(terms: Machine.Terms) throws {
        var first = Observer(machine: Machine(terms))
        var actions: [RelayAction] = []
        first.machine.begin(&actions)
        try first.observe(actions)
        var known: Set<Observer> = []
        var waiting = [(first, 0)]
        var index = 0
        while index < waiting.count {
            let (observer, depth) = waiting[index]
            index += 1
            guard known.insert(observer).inserted, depth < 8 else { continue }
            for event in Self.events {
                var next = observer
                do { try next.observe(self.actions(of: &next.machine, event)) } catch {
                    Issue.record("\(event) in \(observer.machine)")
                    throw error
                }
                waiting.append((next, depth + 1))
            }
            var last = observer
            try last.observe(self.actions(of: &last.machine, .clientGone))
            #expect(last.isOver)
        }
        #expect(known.count > 10)
    }

    // MARK: The body

    @Test func `A request without a body waits for the response at once`() {
        var machine = Machine(.init(hasBody: false))
        var actions: [RelayAction] = []
        machine.begin(&actions)
        #expect(actions == [.startTimer(.request), .startTimer(.responseHead), .connect])
        #expect(self.actions(of: &machine, .bodyEnd) == [])
        #expect(self.actions(of: &machine, .upstreamWritable) == [])
    }

    @Test func `The client is not read before the control plane takes its body`() {
        var machine = Machine(.init())
        var actions: [RelayAction] = []
        machine.begin(&actions)
        #expect(actions == [.startTimer(.request), .startTimer(.wholeBody), .pauseClient, .connect])
        #expect(self.actions(of: &machine, .bodyPart(Self.part)) == [.forwardPart(Self.part)])
        #expect(self.actions(of: &machine, .upstreamWritable) == [.startTimer(.body), .resumeClient])
        #expect(
            self.actions(of: &machine, .bodyPart(Self.part)) == [.startTimer(.body), .forwardPart(Self.part)])
        #expect(self.actions(of: &machine, .upstreamUnwritable) == [.stopTimer(.body), .pauseClient])
        #expect(self.actions(of: &machine, .upstreamWritable) == [.startTimer(.body), .resumeClient])
        #expect(
            self.actions(of: &machine, .bodyEnd)
                == [.stopTimer(.wholeBody), .stopTimer(.body), .startTimer(.responseHead), .forwardEnd])
    }

    @Test func `A client that waits for 100 is told to continue once, when its body can go on`() {
        var machine = machine(.init(expectsContinue: true))
        #expect(actions(of: &machine, .upstreamWritable) == [.sendContinue, .startTimer(.body), .resumeClient])
        _ = actions(of: &machine, .upstreamUnwritable)
        #expect(actions(of: &machine, .upstreamWritable) == [.startTimer(.body), .resumeClient])
        var impatient = self.machine(.init(expectsContinue: true), after: .bodyPart(Self.part))
        #expect(actions(of: &impatient, .upstreamWritable) == [.startTimer(.body), .resumeClient])
    }

    @Test func `A declared length beyond the limit is refused before the control plane is called`() {
        var machine = Machine(.init(declaredBytes: 6, maxBodyBytes: 5))
        var actions: [RelayAction] = []
        machine.begin(&actions)
        #expect(!actions.contains(.connect))
        guard case .sendError(let error, closing: true) = actions.first else { return _ = Issue.record("\(actions)") }
        #expect(error.code == .requestTooLarge)
    }

    @Test func `A body that grows beyond the limit ends the call`() {
        var machine = machine(.init(maxBodyBytes: 3), after: .upstreamWritable, .bodyPart(Self.part))
        let actions = actions(of: &machine, .bodyPart(Self.part))
        #expect(actions.first == .cancelUpstream)
        guard case .settle(.refused, let error?) = actions.last else { return _ = Issue.record("\(actions)") }
        #expect(error.code == .requestTooLarge)
    }

    // MARK: The response

    @Test func `A response flows`() {
        var machine = machine(.init(hasBody: false))
        #expect(
            actions(of: &machine, .responseHead(Self.head))
                == [.stopTimer(.request), .stopTimer(.responseHead), .startTimer(.responsePart), .sendHead(Self.head)])
        #expect(
            actions(of: &machine, .responsePart(Self.part)) == [.startTimer(.responsePart), .sendPart(Self.part)])
        #expect(actions(of: &machine, .responseEnd) == [.sendEnd(closing: false), .settle(.complete, nil)])
    }

    @Test func `A client that does not read pauses the control plane under its own deadline`() {
        var machine = machine(.init(hasBody: false), after: .responseHead(Self.head))
        #expect(
            actions(of: &machine, .clientUnwritable)
                == [.stopTimer(.responsePart), .startTimer(.stall), .pauseUpstream])
        #expect(actions(of: &machine, .responsePart(Self.part)) == [.sendPart(Self.part)])
        #expect(
            actions(of: &machine, .clientWritable)
                == [.stopTimer(.stall), .startTimer(.responsePart), .resumeUpstream])
    }

    @Test func `A response that ends before the body costs the connection`() {
        var machine = machine(after: .upstreamWritable, .responseHead(Self.head))
        #expect(actions(of: &machine, .responseEnd) == [.sendEnd(closing: true), .settle(.complete, nil)])
    }

    @Test(
        arguments: [
            (RelayEvent.timer(.responseHead), ErrorCode.upstreamTimeout), (.timer(.request), .upstreamTimeout),
            (.failed(error), .upstreamError), (.shutdown, .serverShuttingDown),
            (.responseHead(HTTPResponseHead(version: .http1_1, status: .switchingProtocols)), .upstreamError),
        ] as [(RelayEvent, ErrorCode)])
    func `Before the head, a failure is an error response`(event: RelayEvent, code: ErrorCode) {
        var machine = machine(.init(hasBody: false))
        #expect(errors(actions(of: &machine, event)) == [code])
    }

    @Test(arguments: [RelayEvent.timer(.responsePart), .failed(error), .shutdown])
    func `After the head, a failure cuts the connection`(event: RelayEvent) {
        var machine = machine(.init(hasBody: false), after: .responseHead(Self.head))
        let actions = actions(of: &machine, event)
        #expect(actions.contains(.cut))
        #expect(!actions.contains { if case .sendEnd = $0 { true } else { false } })
    }

    @Test func `The deadline of the whole request names who is late`() {
        var client = machine(after: .upstreamWritable)
        #expect(errors(actions(of: &client, .timer(.request))) == [.requestTimeout])
        var controlPlane = machine(after: .upstreamWritable, .upstreamUnwritable)
        #expect(errors(actions(of: &controlPlane, .timer(.request))) == [.upstreamTimeout])
    }

    @Test func `A client that leaves cancels the call`() {
        for event in [RelayEvent.clientGone, .timer(.stall)] {
            var machine = machine(.init(hasBody: false), after: .responseHead(Self.head), .clientUnwritable)
            #expect(
                actions(of: &machine, event) == [.cancelUpstream, .closeClient, .settle(.clientCancelled, nil)])
        }
    }
}
