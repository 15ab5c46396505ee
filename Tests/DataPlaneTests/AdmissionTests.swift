import DataPlane
import GatewayCore
import GatewayTestSupport
import NIOCore
import Synchronization
import Testing

/// Every attempt is admitted before its provider is called, and every grant is returned once.
@Suite struct AdmissionTests {
    private static let claims: [Claim] = [.parallel(owner: "k"), .hold(budget: "b", Money(nanodollars: 5))]

    @Test func `What is granted comes back when the request ends`() async throws {
        let control = FakeAdmission { _, _ in .granted(Grant(Self.claims)) }
        try await withFakeUpstream(script: { _ in FakeUpstreamStep.answer(json: Answers.completion) }) { upstream in
            var setup = GatewaySetup(upstream)
            setup.admission = control
            try await withGateway(setup) { gateway in
                let answer = try await gateway.answer(to: Requests.chat())
                #expect(answer.status == 200)
            }
        }
        #expect(control.asked.map(\.attempt) == [0])
        #expect(control.asked.first?.caller?.keyPublicID == "goodgood")
        #expect(control.asked.first?.route.id == "m/1")
        #expect(control.released == [Self.claims])
    }

    @Test func `A hold ends with its attempt, and the rest with the request`() async throws {
        let control = FakeAdmission { asked, _ in
            .granted(Grant(asked.attempt == 0 ? Self.claims : [.hold(budget: "b", Money(nanodollars: 7))]))
        }
        let script = FakeUpstreamStep.answer(500, json: "{}") + FakeUpstreamStep.answer(json: Answers.completion)
        try await withFakeUpstream(script: { _ in script }) { upstream in
            var setup = GatewaySetup(upstream) { $0.attempts = .init(maxAttempts: 2) }
            setup.admission = control
            try await withGateway(setup) { gateway in
                let answer = try await gateway.answer(to: Requests.chat())
                #expect(answer.status == 200)
            }
        }
        #expect(control.asked.map(\.attempt) == [0, 1])
        #expect(
            control.released == [
                [.hold(budget: "b", Money(nanodollars: 5))],
                [.parallel(owner: "k"), .hold(budget: "b", Money(nanodollars: 7))],
            ])
    }

    @Test func `A refusal reaches the caller, and no provider`() async throws {
        let control = FakeAdmission { _, _ in
            .refused(GatewayError(.budgetExceeded, "The budget is used up.", source: .gateway))
        }
        try await withFakeUpstream(script: { _ in FakeUpstreamStep.answer(json: Answers.completion) }) { upstream in
            var setup = GatewaySetup(upstream)
            setup.admission = control
            try await withGateway(setup) { gateway in
                let answer = try await gateway.answer(to: Requests.chat())
                #expect(answer.status == ErrorCode.budgetExceeded.status)
                #expect(answer.text.contains("The budget is used up."))
            }
            #expect(upstream.requests.isEmpty)
        }
        #expect(control.released == [])
    }

    @Test func `A verdict that comes later lets the request go on, or refuses it`() async throws {
        for isGranted in [true, false] {
            let control = FakeAdmission { _, loop in
                let promise = loop.makePromise(of: Grant.self)
                loop.scheduleTask(in: .milliseconds(50)) {
                    if isGranted { promise.succeed(Grant(Self.claims)) } else { promise.fail(Refused()) }
                }
                return .pending(promise.futureResult)
            }
            try await withFakeUpstream(script: { _ in FakeUpstreamStep.answer(json: Answers.completion) }) { upstream in
                var setup = GatewaySetup(upstream)
                setup.admission = control
                try await withGateway(setup) { gateway in
                    let answer = try await gateway.answer(to: Requests.chat())
                    #expect(answer.status == (isGranted ? 200 : 500))
                }
                #expect(upstream.requests.count == (isGranted ? 1 : 0))
            }
            #expect(control.released == (isGranted ? [Self.claims] : []))
        }
    }

    @Test func `A grant that comes after its request has ended is returned`() async throws {
        let verdict = Mutex<EventLoopPromise<Grant>?>(nil)
        let returned = Gate()
        let control = FakeAdmission(onRelease: { returned.open() }) { _, loop in
            let promise = loop.makePromise(of: Grant.self)
            verdict.withLock { $0 = promise }
            return .pending(promise.futureResult)
        }
        try await withFakeUpstream(script: { _ in FakeUpstreamStep.answer(json: Answers.completion) }) { upstream in
            var setup = GatewaySetup(upstream) { $0.lookupTimeout = .seconds(2) }
            setup.admission = control
            try await withGateway(setup) { gateway in
                let answer = try await gateway.answer(to: Requests.chat())
                #expect(answer.status == 503)
                try #require(verdict.withLock { $0 }).succeed(Grant(Self.claims))
                try await returned.wait(within: .seconds(30))
            }
            #expect(upstream.requests.isEmpty)
        }
        #expect(control.released == [Self.claims])
    }

    private struct Refused: Error {}
}

/// Answers as configured, and records the requests and the returned grants.
private final class FakeAdmission: AdmissionControl {
    private struct State {
        var asked: [AdmissionRequest] = []
        var released: [[Claim]] = []
    }

    private let state = Mutex(State())
    private let verdict: @Sendable (AdmissionRequest, any EventLoop) -> AdmissionVerdict
    private let onRelease: @Sendable () -> Void

    init(
        onRelease: @escaping @Sendable () -> Void = {},
        verdict: @escaping @Sendable (AdmissionRequest, any EventLoop) -> AdmissionVerdict
    ) {
        self.onRelease = onRelease
        self.verdict = verdict
    }

    var asked: [AdmissionRequest] { state.withLock(\.asked) }
    var released: [[Claim]] { state.withLock(\.released) }

    func admit(_ attempt: AdmissionRequest, on eventLoop: any EventLoop) -> AdmissionVerdict {
        state.withLock { $0.asked.append(attempt) }
        return verdict(attempt, eventLoop)
    }

    func release(_ grant: Grant, exchangeID: String, attempt: Attempt?) {
        state.withLock { $0.released.append(grant.claims) }
        onRelease()
    }
}
