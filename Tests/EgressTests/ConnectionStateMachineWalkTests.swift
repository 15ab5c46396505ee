import Egress
import NIOCore
import NIOHTTP1
import Testing

/// Applies every event in every reachable state, and checks the invariants of each step.
@Suite struct ConnectionStateMachineWalkTests {
    typealias Machine = UpstreamConnectionStateMachine
    typealias Event = UpstreamConnectionEvent

    static let events: [Event] = [
        .claimed(isWanted: true, .slices), .claimed(isWanted: true, .streamed(length: nil)),
        .claimed(isWanted: true, .streamed(length: 2)), .claimed(isWanted: false, .slices), .reused(.slices),
        .reused(.streamed(length: nil)), .reused(.streamed(length: 2)), .retired, .bodyPart(ByteBuffer(string: "a")),
        .bodyPart(ByteBuffer(string: "abc")), .bodyPart(ByteBuffer()), .bodyEnd, .paused, .resumed, .cancelled,
        .handshakeCompleted, .writabilityChanged(isWritable: true), .writabilityChanged(isWritable: false),
        .readRequested, .answerHead(.keptAlive), .answerHead(.closing), .answerPart(ByteBuffer(string: "b")),
        .answerEnd, .readComplete, .failed(UpstreamFailure(.noAnswer, "no answer")),
        .failed(UpstreamFailure(.invalidAnswer, "invalid")), .closed, .slicesWritten, .handshakeTimedOut,
    ]

    /// What an observer of the actions knows, beside the state of the machine.
    struct Observer: Hashable {
        var machine: Machine
        var hasCall = false
        var hasTimer = false
        var isClosed = false
        var isBodyConsumed = false
        var isReused = false
        var isAnswerBegun = false

        mutating func step(_ event: Event) throws {
            let actions = machine.handle(event)
            try observe(actions.timer)
            try observe(actions.channel, after: event)
            try observe(actions.call, after: event)
            #expect(hasCall == machine.hasCall)
            #expect(isClosed == machine.isClosed)
            // A closed connection has neither a call nor a timer.
            if isClosed { #expect(!hasCall && !hasTimer) }
        }

        private mutating func observe(_ action: UpstreamConnectionActions.Timer) throws {
            switch action {
            case .none: if case .handshaking = machine.state { #expect(hasTimer) }
            case .startHandshake:
                try #require(!hasTimer)
                hasTimer = true
                hasCall = true
            case .stopHandshake:
                try #require(hasTimer)
                hasTimer = false
            }
        }

        private mutating func observe(_ action: UpstreamConnectionActions.Channel, after event: Event) throws {
            switch action {
            case .none: break
            case .read: try #require(event.isRead)
            case .sendRequest:
                try #require(!isClosed)
                try #require(machine.isSecured)
                hasCall = true
                isBodyConsumed = false
                isAnswerBegun = false
                isReused = event.isReuse
            case .writeSlices, .writeEnd: try #require(hasCall)
            case .writePart(let part):
                try #require(hasCall)
                try #require(part.readableBytes > 0)
                isBodyConsumed = true
            case .release:
                try #require(hasCall)
                #expect(machine.state == .idle)
            case .close, .leavePool:
                try #require(!isClosed)
                isClosed = true
                // A timer that has fired needs no stop.
                if case .handshakeTimedOut = event { hasTimer = false }
            }
        }

        private mutating func observe(_ action: UpstreamConnectionActions.Call, after event: Event) throws {
            switch action {
            case .none: break
            case .refuse: try #require(event.givesCall)
            case .head:
                try #require(hasCall)
                isAnswerBegun = true
            case .part, .readComplete, .writability: try #require(hasCall)
            case .end:
                try #require(hasCall && isAnswerBegun)
                hasCall = false
            case .fail, .drop:
                try #require(hasCall)
                hasCall = false
            case .resend:
                try #require(hasCall && isClosed)
                #expect(isReused && !isAnswerBegun && !isBodyConsumed)
                hasCall = false
            }
        }
    }

    @Test(arguments: [false, true]) func `Every call leaves the connection exactly once`(isSecured: Bool) throws {
        var known: Set<Observer> = []
        var waiting = [Observer(machine: Machine(isSecured: isSecured))]
        while let observer = waiting.popLast() {
            guard known.insert(observer).inserted else { continue }
            for event in Self.events {
                var next = observer
                do { try next.step(event) } catch {
                    Issue.record("\(event) in \(observer.machine.state)")
                    throw error
                }
                waiting.append(next)
            }
            // In every state, the end of the connection ends the call.
            var last = observer
            try last.step(.closed)
            #expect(!last.hasCall && last.isClosed)
        }
        #expect(known.count > 50)
    }

    /// A closed connection only refuses calls, and lets TLS read the end of the other side.
    @Test func `A closed connection stays closed`() {
        for event in Self.events {
            var machine = Machine(isSecured: true)
            _ = machine.handle(.closed)
            let actions = machine.handle(event)
            #expect(machine.isClosed)
            switch event {
            case .claimed, .reused: #expect(actions == .init(call: .refuse(.closedAtOnce)))
            case .readRequested: #expect(actions == .init(channel: .read))
            default: #expect(actions == .none, "\(event)")
            }
        }
    }
}

extension UpstreamConnectionStateMachine {
    fileprivate var hasCall: Bool {
        switch state {
        case .handshaking, .busy: true
        case .unclaimed, .idle, .closed: false
        }
    }

    fileprivate var isClosed: Bool {
        if case .closed = state { true } else { false }
    }
}

extension UpstreamConnectionEvent {
    fileprivate var isReuse: Bool {
        if case .reused = self { true } else { false }
    }

    fileprivate var isRead: Bool {
        switch self {
        case .readRequested, .resumed: true
        default: false
        }
    }

    fileprivate var givesCall: Bool {
        switch self {
        case .claimed, .reused: true
        default: false
        }
    }
}

extension HTTPResponseHead {
    static let keptAlive = HTTPResponseHead(version: .http1_1, status: .ok)
    static let closing = HTTPResponseHead(version: .http1_1, status: .ok, headers: ["connection": "close"])
}
