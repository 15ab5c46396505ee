import Egress
import NIOCore
import NIOHTTP1
import Testing

/// The cases of a connection's life, by value.
@Suite struct ConnectionStateMachineTests {
    typealias Machine = UpstreamConnectionStateMachine
    typealias Actions = UpstreamConnectionActions
    typealias Event = UpstreamConnectionEvent

    private static let part = ByteBuffer(string: "ab")
    private static let failure = UpstreamFailure(.noAnswer, "reset")

    /// A machine after `events`.
    private func machine(isSecured: Bool = true, after events: Event...) -> Machine {
        var machine = Machine(isSecured: isSecured)
        for event in events { _ = machine.handle(event) }
        return machine
    }

    /// A machine whose connection has served a call and is idle.
    private func idleMachine(then events: Event...) -> Machine {
        var machine = machine(
            after: .claimed(isWanted: true, .slices), .slicesWritten, .answerHead(.keptAlive), .answerEnd)
        for event in events { _ = machine.handle(event) }
        return machine
    }

    // MARK: Taking a call

    @Test func `A request is sent at once without TLS`() {
        var machine = Machine(isSecured: true)
        #expect(machine.handle(.claimed(isWanted: true, .slices)) == Actions(channel: .sendRequest))
        #expect(machine.handle(.slicesWritten) == Actions(channel: .writeEnd))
        #expect(machine.handle(.slicesWritten) == .none)
    }

    @Test func `A request waits for TLS under a timer`() {
        var machine = Machine(isSecured: false)
        #expect(machine.handle(.claimed(isWanted: true, .slices)) == Actions(timer: .startHandshake))
        #expect(machine.handle(.handshakeCompleted) == Actions(timer: .stopHandshake, channel: .sendRequest))
        #expect(machine.handle(.handshakeTimedOut) == .none)
    }

    @Test func `A handshake may be over before the connection is claimed`() {
        var machine = machine(isSecured: false, after: .handshakeCompleted)
        #expect(machine.handle(.claimed(isWanted: true, .slices)) == Actions(channel: .sendRequest))
    }

    @Test func `A handshake that takes too long fails the call`() {
        var machine = machine(isSecured: false, after: .claimed(isWanted: true, .slices))
        #expect(machine.handle(.handshakeTimedOut) == Actions(channel: .close, call: .fail(.handshakeTimedOut)))
    }

    @Test func `A failed handshake fails the call and stops the timer`() {
        var machine = machine(isSecured: false, after: .claimed(isWanted: true, .slices))
        #expect(
            machine.handle(.failed(Self.failure))
                == Actions(timer: .stopHandshake, channel: .close, call: .fail(.failure(Self.failure))))
        #expect(machine.handle(.closed) == .none)
    }

    @Test func `A failure before the claim is the reason of the refusal`() {
        var machine = machine(isSecured: false, after: .failed(Self.failure))
        #expect(machine.handle(.claimed(isWanted: true, .slices)) == Actions(call: .refuse(.failure(Self.failure))))
    }

    @Test func `A connection for a cancelled call is closed`() {
        var machine = Machine(isSecured: true)
        #expect(machine.handle(.claimed(isWanted: false, .slices)) == Actions(channel: .close))
    }

    // MARK: Sending

    @Test func `Slices are written while the channel is writable`() {
        var machine = machine(after: .claimed(isWanted: true, .slices))
        #expect(machine.handle(.writabilityChanged(isWritable: false)) == .none)
        #expect(machine.handle(.writabilityChanged(isWritable: true)) == Actions(channel: .writeSlices))
        _ = machine.handle(.slicesWritten)
        #expect(machine.handle(.writabilityChanged(isWritable: true)) == .none)
    }

    @Test func `A streamed body is written as it comes`() {
        var machine = machine(after: .claimed(isWanted: true, .streamed(length: nil)))
        #expect(machine.handle(.writabilityChanged(isWritable: true)) == Actions(call: .writability(isWritable: true)))
        #expect(machine.handle(.bodyPart(Self.part)) == Actions(channel: .writePart(Self.part)))
        #expect(
            machine.handle(.writabilityChanged(isWritable: false)) == Actions(call: .writability(isWritable: false)))
        #expect(machine.handle(.bodyEnd) == Actions(channel: .writeEnd))
        #expect(machine.handle(.bodyEnd) == .none)
        #expect(machine.handle(.bodyPart(Self.part)) == .none)
        #expect(machine.handle(.writabilityChanged(isWritable: true)) == .none)
    }

    @Test func `A body that is too long or too short fails the call`() {
        let wrong = Actions(channel: .close, call: .fail(.wrongBodyLength(isAnswerBegun: false)))
        var tooLong = machine(after: .claimed(isWanted: true, .streamed(length: 3)), .bodyPart(Self.part))
        #expect(tooLong.handle(.bodyPart(Self.part)) == wrong)
        var tooShort = machine(after: .claimed(isWanted: true, .streamed(length: 3)), .bodyPart(Self.part))
        #expect(tooShort.handle(.bodyEnd) == wrong)
        var exact = machine(after: .claimed(isWanted: true, .streamed(length: 2)), .bodyPart(Self.part))
        #expect(exact.handle(.bodyEnd) == Actions(channel: .writeEnd))
        var late = machine(after: .claimed(isWanted: true, .streamed(length: 3)), .answerHead(.keptAlive))
        #expect(late.handle(.bodyEnd).call == .fail(.wrongBodyLength(isAnswerBegun: true)))
    }

    // MARK: Receiving

    @Test func `An answer goes to the call and the connection to the pool`() {
        var machine = machine(after: .claimed(isWanted: true, .slices), .slicesWritten)
        #expect(machine.handle(.answerHead(.keptAlive)) == Actions(call: .head(.keptAlive)))
        #expect(machine.handle(.answerPart(Self.part)) == Actions(call: .part(Self.part)))
        #expect(machine.handle(.readComplete) == Actions(call: .readComplete))
        #expect(machine.handle(.answerEnd) == Actions(channel: .release(reads: false), call: .end))
        #expect(machine.handle(.readComplete) == .none)
        #expect(machine.handle(.reused(.slices)) == Actions(channel: .sendRequest))
    }

    @Test(arguments: [
        HTTPResponseHead.closing, HTTPResponseHead(version: .http1_0, status: .ok),
        HTTPResponseHead(version: .http1_1, status: .switchingProtocols),
    ])
    func `A connection is not reused after`(head: HTTPResponseHead) {
        var machine = machine(after: .claimed(isWanted: true, .slices), .slicesWritten, .answerHead(head))
        #expect(machine.handle(.answerEnd) == Actions(channel: .close, call: .end))
    }

    @Test(arguments: [Event.Body.slices, .streamed(length: nil), .streamed(length: 2)])
    func `A connection is not reused after an early answer`(body: Event.Body) {
        var machine = machine(after: .claimed(isWanted: true, body), .bodyPart(Self.part), .answerHead(.keptAlive))
        #expect(machine.handle(.answerEnd) == Actions(channel: .close, call: .end))
        #expect(machine.handle(.bodyPart(Self.part)) == .none)
        #expect(machine.handle(.bodyEnd) == .none)
        #expect(machine.handle(.slicesWritten) == .none)
    }

    @Test func `An answer without a request closes the connection`() {
        var idle = idleMachine()
        #expect(idle.handle(.answerHead(.keptAlive)) == Actions(channel: .leavePool))
        #expect(idle.handle(.answerPart(Self.part)) == .none)
        var unclaimed = Machine(isSecured: true)
        #expect(unclaimed.handle(.answerHead(.keptAlive)) == Actions(channel: .close))
    }

    @Test func `A paused call defers the read`() {
        var machine = machine(after: .claimed(isWanted: true, .slices), .paused)
        #expect(machine.handle(.readRequested) == .none)
        #expect(machine.handle(.resumed) == Actions(channel: .read))
        #expect(machine.handle(.readRequested) == Actions(channel: .read))
        #expect(machine.handle(.paused) == .none)
        #expect(machine.handle(.resumed) == .none)
    }

    @Test func `A pause does not keep TLS from reading`() {
        var machine = machine(isSecured: false, after: .claimed(isWanted: true, .slices), .paused)
        #expect(machine.handle(.readRequested) == Actions(channel: .read))
        _ = machine.handle(.handshakeCompleted)
        #expect(machine.handle(.readRequested) == .none)
    }

    @Test func `A pause ends with its call`() {
        var machine = machine(
            after: .claimed(isWanted: true, .slices), .slicesWritten, .answerHead(.keptAlive), .paused, .readRequested)
        #expect(machine.handle(.answerEnd) == Actions(channel: .release(reads: true), call: .end))
        _ = machine.handle(.reused(.slices))
        #expect(machine.handle(.readRequested) == Actions(channel: .read))
    }

    // MARK: Ends

    @Test(arguments: [nil, UpstreamFailure(.noAnswer, "reset")])
    func `A reused connection resends an unanswered request`(
        failure: UpstreamFailure?
    ) {
        let end = failure.map { Event.failed($0) } ?? .closed
        for body in [Event.Body.slices, .streamed(length: nil), .streamed(length: 2)] {
            var unanswered = idleMachine(then: .reused(body))
            #expect(unanswered.handle(end) == Actions(channel: .close, call: .resend))
            var answered = idleMachine(then: .reused(body), .answerHead(.keptAlive))
            #expect(answered.handle(end).call == .fail(failure.map { .failure($0) } ?? .closedWithinAnswer))
            var fresh = machine(after: .claimed(isWanted: true, body))
            #expect(fresh.handle(end).call == .fail(failure.map { .failure($0) } ?? .closedBeforeAnswer))
        }
    }

    @Test func `A streamed body that has begun is not resent`() {
        var begun = idleMachine(then: .reused(.streamed(length: nil)), .bodyPart(Self.part))
        #expect(begun.handle(.closed).call == .fail(.closedBeforeAnswer))
        var ended = idleMachine(then: .reused(.streamed(length: 2)), .bodyPart(Self.part), .bodyEnd)
        #expect(ended.handle(.closed).call == .fail(.closedBeforeAnswer))
        var empty = idleMachine(then: .reused(.streamed(length: nil)), .bodyPart(ByteBuffer()), .bodyEnd)
        #expect(empty.handle(.closed).call == .resend)
    }

    /// Bytes that are not HTTP are an answer too: the server has received the request.
    @Test func `Other failures are not resent`() {
        for kind in [UpstreamFailure.Kind.invalidAnswer, .cut] {
            var machine = idleMachine(then: .reused(.slices))
            let failure = UpstreamFailure(kind, "")
            #expect(machine.handle(.failed(failure)).call == .fail(.failure(failure)))
        }
    }

    @Test func `A cancelled call closes its connection`() {
        var handshaking = machine(isSecured: false, after: .claimed(isWanted: true, .slices))
        #expect(handshaking.handle(.cancelled) == Actions(timer: .stopHandshake, channel: .close, call: .drop))
        var busy = machine(after: .claimed(isWanted: true, .streamed(length: nil)), .bodyPart(Self.part))
        #expect(busy.handle(.cancelled) == Actions(channel: .close, call: .drop))
        #expect(busy.handle(.closed) == .none)
    }

    @Test func `An idle connection that ends leaves the pool`() {
        var closed = idleMachine()
        #expect(closed.handle(.closed) == Actions(channel: .leavePool))
        var failed = idleMachine()
        #expect(failed.handle(.failed(Self.failure)) == Actions(channel: .leavePool))
        // The pool has removed it already.
        var retired = idleMachine()
        #expect(retired.handle(.retired) == Actions(channel: .close))
        #expect(retired.handle(.closed) == .none)
    }
}
