import GatewayCore
import Testing

/// Which route is tried next.
@Suite struct AttemptSequenceTests {
    private func steps(
        routes: Int, limits: AttemptSequence.Limits = .init(), _ failures: [(GatewayError.Retry, Int?)]
    ) -> [AttemptSequence.Step?] {
        var sequence = AttemptSequence(routes: routes, limits: limits)
        return [sequence.begin()] + failures.map { sequence.advance(after: $0.0, retryAfter: $0.1) }
    }

    private func step(_ position: Int, _ wait: Int = 0) -> AttemptSequence.Step {
        AttemptSequence.Step(position: position, wait: wait)
    }

    @Test func `Every route once, in order, up to the limit`() {
        let failures = Array(repeating: (GatewayError.Retry.anywhere, Int?.none), count: 4)
        #expect(steps(routes: 5, failures) == [step(0), step(1), step(2), nil, nil])
        #expect(steps(routes: 5, limits: .init(maxAttempts: 1), failures).dropFirst().allSatisfy { $0 == nil })
    }

    @Test func `The same route again only when none is left, once, after its wait`() {
        #expect(steps(routes: 1, [(.anywhere, nil), (.anywhere, nil)]) == [step(0), step(0, 200), nil])
        #expect(steps(routes: 1, [(.anywhere, 1000)]) == [step(0), step(0, 1000)])
        #expect(
            steps(routes: 2, [(.anywhere, 2000), (.anywhere, 1000), (.anywhere, 1000)]) == [
                step(0), step(1), step(1, 1000), nil,
            ])
    }

    @Test func `A wait that is too long is not waited for`() {
        #expect(steps(routes: 1, [(.anywhere, 3000)]) == [step(0), nil])
        #expect(steps(routes: 2, [(.anywhere, nil), (.anywhere, 60_000)]) == [step(0), step(1), step(0, 200)])
        #expect(steps(routes: 1, [(.anywhere, .max)]) == [step(0), nil])
    }

    @Test func `A failure that another route may not have leads to another, never to the same`() {
        #expect(steps(routes: 2, [(.elsewhere, nil), (.elsewhere, nil)]) == [step(0), step(1), nil])
        #expect(steps(routes: 2, [(.elsewhere, nil), (.anywhere, nil)]) == [step(0), step(1), step(1, 200)])
    }

    @Test func `What may have been answered ends it`() {
        #expect(steps(routes: 3, [(.never, nil)]) == [step(0), nil])
        #expect(steps(routes: 3, [(.anywhere, nil), (.never, nil)]) == [step(0), step(1), nil])
    }

    @Test func `What the gateway itself had added is left out at once, once, beyond the limit`() {
        #expect(
            steps(routes: 2, limits: .init(maxAttempts: 1), [(.unadorned, nil), (.unadorned, nil)]) == [
                step(0), step(0), nil,
            ])
        #expect(steps(routes: 2, [(.unadorned, nil), (.elsewhere, nil)]) == [step(0), step(0), step(1)])
    }

    @Test func `It says whether another attempt is possible`() {
        var one = AttemptSequence(routes: 1, limits: .init())
        _ = one.begin()
        #expect(one.hasMore)
        _ = one.advance(after: .anywhere, retryAfter: nil)
        #expect(!one.hasMore)
        var limited = AttemptSequence(routes: 5, limits: .init(maxAttempts: 1))
        _ = limited.begin()
        #expect(!limited.hasMore)
    }
}
