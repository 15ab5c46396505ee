import DataPlane
import GatewayCore
import Testing

/// What comes before a provider is called, by value: its credential, and whether it can be asked at all.
@Suite struct AttemptPreparationTests {
    private static let refusal = GatewayError.client(.unsupportedParameter, "no such field", param: "x")
    private static let elsewhere = GatewayError(
        .unsupportedParameter, "no such field", param: "x", source: .client, retry: .elsewhere)

    private func actions(_ events: [ExchangeEvent]) -> [ExchangeAction] {
        ExchangeStateMachineTests.machine(after: events).actions
    }

    @Test func `A credential that arrives lets the attempt go on`() {
        let events = Stages.awaitingHead + [.credentialPending, .credentialArrived, .answerHead(.json), .answerEnd]
        #expect(actions(events).suffix(2) == [.sendWhole, .settle(.complete, nil)])
    }

    @Test func `A credential that is late fails its attempt, whose provider was not called`() {
        for timer in [ExchangeTimer.responseHead, .attempt] {
            let late = Array(actions(Stages.admitted(2) + [.credentialPending, .timer(timer)]).suffix(2))
            guard case .attemptEnded(let error) = late.first else {
                Issue.record("\(late)")
                continue
            }
            #expect(error.code == .upstreamTimeout && error.retry == .elsewhere)
            #expect(late.last == .admit(1))
        }
        // No time is left for another route.
        let last = actions(Stages.admitted(2) + [.credentialPending, .timer(.request)])
        guard case .settle(.timeout, let error?) = last.last else {
            Issue.record("\(last)")
            return
        }
        #expect(error.code == .upstreamTimeout && !last.contains(.cancelUpstream))
    }

    @Test func `A client that leaves meanwhile has nothing to be cancelled or drained`() {
        for isDrained in [true, false] {
            let left = actions(Stages.awaitingHead + [.credentialPending, .clientGone(isDrained: isDrained)])
            #expect(
                left.suffix(2) == [.closeClient, .settle(.clientCancelled, nil)] && !left.contains(.cancelUpstream))
        }
    }

    @Test func `A refusal is the gateway's own until a provider was called`() {
        let alone = actions(Stages.awaitingHead + [.attemptRefused(Self.refusal)])
        #expect(alone.suffix(2) == [.sendError(Self.refusal, closing: false), .settle(.refused, Self.refusal)])
        let twice = actions(
            Stages.admitted(2) + [.attemptRefused(Self.elsewhere), .admitted, .attemptRefused(Self.elsewhere)])
        #expect(twice.last == .settle(.refused, Self.elsewhere))
        let failed = GatewayError(.upstreamError, "failed", source: .upstream, retry: .elsewhere)
        let afterCall = actions(
            Stages.admitted(2) + [.attemptFailed(failed), .admitted, .attemptRefused(Self.elsewhere)])
        #expect(afterCall.last == .settle(.upstreamError, Self.elsewhere))
    }

    @Test func `Another route is tried where the refusal is the provider's alone`() {
        let other = actions(Stages.admitted(2) + [.attemptRefused(Self.elsewhere)])
        #expect(other.suffix(2) == [.attemptEnded(Self.elsewhere), .admit(1)])
        let everywhere = actions(Stages.admitted(2) + [.attemptRefused(Self.refusal)])
        #expect(everywhere.last == .settle(.refused, Self.refusal))
    }

    /// As of a client that sends what is not HTTP behind its request.
    @Test func `A refusal of something else does not end the attempt`() {
        for waiting in [Stages.awaitingHead, Stages.awaitingHead + [.credentialPending]] {
            #expect(actions(waiting + [.refused(Self.refusal)]) == actions(waiting))
        }
    }
}
