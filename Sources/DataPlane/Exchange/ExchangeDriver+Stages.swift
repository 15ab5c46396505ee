import Egress
import GatewayCore
import Logging
import NIOCore
import NIOHTTP1
import Providers
import Routing
import WireFormats

/// The stages that may have to wait, and the end of every request.
extension ExchangeDriver {
    // MARK: 3. and 4. Resolve, plan

    /// At once, unless the request continues a response that has to be looked up first.
    func plan() {
        exchange.stageEnds.read = elapsed
        guard !isKeyUnchanged else { return planFirst() }
        recheckKey(
            pending: { handle(.lookupPending) }, refused: { [self] in handle(.refused($0)) },
            next: { [self] in planFirst() })
    }

    private func planFirst() {
        scan()
        plan(.notLookedUp)
    }

    private func plan(_ previous: PreviousResponse) {
        switch decide(previous, using: &loop.random, health: loop.health) {
        case .event(let event): handle(event)
        case .lookUp(let id): awaitResponse(id)
        }
    }

    private func awaitResponse(_ id: String) {
        handle(.lookupPending)
        loop.storedResponses.fetch(id) { [self] result in
            resume {
                switch result {
                case .success(let stored): plan(.lookedUp(stored))
                case .failure(let error): handle(.refused(error))
                }
            }
        }
    }

    // MARK: 5. Admit

    func admit(_ position: Int) {
        guard !isKeyUnchanged else { return askForAdmission(position) }
        recheckKey(
            pending: { handle(.lookupPending) }, refused: { [self] in handle(.refused($0)) },
            next: { [self] in askForAdmission(position) })
    }

    private func askForAdmission(_ position: Int) {
        guard let asked = admissionRequest(position) else {
            return handle(.refused(.internalError("attempt \(position) is not in the plan")))
        }
        switch loop.admission.admit(asked, on: loop.eventLoop) {
        case .granted(let granted):
            grant.formUnion(granted)
            openLedgerEntry(position)
        case .refused(let error): handle(.refused(error))
        case .pending(let verdict): awaitAdmission(verdict, position)
        }
    }

    /// A grant that arrives after its request has ended is returned.
    private func awaitAdmission(_ verdict: EventLoopFuture<Grant>, _ position: Int) {
        handle(.lookupPending)
        verdict.assumeIsolated().whenComplete { [self] result in
            switch result {
            case .success(let granted) where isSettled:
                loop.admission.release(granted, exchangeID: exchange.id, attempt: nil)
            case .success(let granted):
                grant.formUnion(granted)
                resume { openLedgerEntry(position) }
            case .failure(let error):
                resume {
                    handle(.refused(error as? GatewayError ?? .internalError("admission failed: \(error)")))
                }
            }
        }
    }

    private func release(_ grant: Grant) {
        guard !grant.claims.isEmpty else { return }
        loop.admission.release(grant, exchangeID: exchange.id, attempt: exchange.attempts.last)
    }

    // MARK: 6. Execute

    func makeAttempt(_ position: Int) {
        do throws(GatewayError) {
            let attempt = try newAttempt(position)
            attempt.isProbe = loop.health.begin(attempt.route, at: WallClock.now(), for: key?.owner)
            handle(.attemptStarted)
            switch attempt.provider.credentials.current() {
            case .ready(let credential): call(attempt, credential)
            case .pending: awaitCredential(of: attempt)
            }
        } catch {
            handle(.attemptRefused(error))
        }
    }

    private func call(_ attempt: ActiveAttempt, _ credential: BoundCredential?) {
        do throws(GatewayError) {
            try reserveCopy(for: attempt)
            try attempt.start(try request(for: attempt), credential, over: loop.upstreams, on: loop.eventLoop)
        } catch {
            handle(.attemptRefused(error))
        }
    }

    /// The attempt's time runs meanwhile; a credential that arrives after its attempt was given up is not used.
    private func awaitCredential(of attempt: ActiveAttempt) {
        handle(.credentialPending)
        let source = attempt.provider.credentials
        loop.eventLoop.makeFutureWithTask { try await source.refreshed() }  // reason: a credential is fetched elsewhere
            .assumeIsolated()
            .whenComplete { [self] result in
                guard self.attempt === attempt else { return }
                resume {
                    switch result {
                    case .success(let credential): callLater(attempt, credential)
                    case .failure(let error):
                        handle(.attemptRefused(error as? GatewayError ?? .internalError("no credential: \(error)")))
                    }
                }
            }
    }

    /// Fetching the credential took time, within which the caller's key may have been revoked.
    private func callLater(_ attempt: ActiveAttempt, _ credential: BoundCredential?) {
        recheckKey(
            pending: {}, refused: { [self] in handle(.attemptRefused($0)) },
            next: { [self] in
                guard self.attempt === attempt else { return }
                handle(.credentialArrived)
                call(attempt, credential)
            })
    }

    /// The attempt failed, and another follows.
    func endAttempt(_ error: GatewayError) {
        if error.retry == .unadorned, let provider = attempt?.provider.id {
            loop.logger.warning(
                """
                The provider \(provider) refuses `stream_options`, with which the gateway asks for the usage of a \
                stream; the request is sent again without it, and no later one has it. Set \
                compatibility.supports_stream_usage: false on the provider's routes.
                """)
        }
        let reason = EndReason(of: error)
        closeAttempt(
            .failed(error), reason == .refused ? .upstreamError : reason, owner: owner(of: error),
            health: { .init(of: error, status: $0) })
        release(grant.takeAttemptClaims())
    }

    /// A probe has found its route healthy as soon as the response goes out; how the response ends is another matter.
    func recordRouteIsHealthy() {
        guard let attempt, attempt.isProbe else { return }
        attempt.isProbe = false
        loop.health.end(attempt.route, .healthy, wasProbe: true, at: WallClock.now())
    }

    /// Records how the attempt under way ended, and lets it go.
    /// - Parameters:
    ///   - reason: for the ledger.
    ///   - owner: whose request may have caused the failure.
    ///   - health: what it says about its route, which may depend on the upstream's status.
    private func closeAttempt(
        _ outcome: AttemptOutcome, _ reason: EndReason, owner: KeyOwner? = nil, health: (Int?) -> RouteHealth.Outcome
    ) {
        closeLedgerEntry(attempt, outcome, reason)
        guard let ended = attempt else { return }
        attempt = nil
        exchange.attempts[ended.number].endedAfter = elapsed
        exchange.attempts[ended.number].usage = ended.relay?.usage
        exchange.attempts[ended.number].outcome = outcome
        let status = exchange.attempts[ended.number].status
        releaseCopy(of: ended)
        loop.health.end(ended.route, health(status), of: owner, wasProbe: ended.isProbe, at: WallClock.now())
    }

    /// The owner whose request may have caused the failure; nil if no request can.
    private func owner(of error: GatewayError) -> KeyOwner? {
        error.mayBeOfOneCaller ? key?.owner : nil
    }

    // MARK: 8. Settle, 9. record

    func settle(_ reason: EndReason, _ error: GatewayError?) {
        isSettled = true
        if let keyTicket { loop.keys.abandon(keyTicket) }
        keyTicket = nil
        if let error {
            closeAttempt(
                .failed(error), reason == .refused ? .upstreamError : reason, owner: owner(of: error),
                health: { .init(of: error, status: $0) })
        } else {
            let isComplete = reason == .complete
            closeAttempt(
                isComplete ? .succeeded : .cancelled, reason, health: { _ in isComplete ? .healthy : .unknown })
        }
        exchange.finish(reason, error: error, at: elapsed)
        release(grant.takeAll())
        if isCounted { loop.load.leave() }
        releaseBody()
        connection.resumeReading()
        connection.finish(self)
        loop.recorder.record(exchange)
        connection.leaveIfInactive()
    }

    /// A response that the provider keeps belongs to the caller who asked for it. Recorded before the caller gets its
    /// id.
    func recordStoredResponse() {
        guard let attempt, attempt.route.adjustments.storesResponses, !attempt.isOwnershipRecorded,
            api?.facts.wantsStore == true, let owner = key?.owner, let id = attempt.relay?.responseID,
            id.utf8.count <= RequestFacts.maxResponseIDBytes
        else { return }
        attempt.isOwnershipRecorded = true
        loop.storedResponses.remember(
            StoredResponse(id: id, owner: owner, route: attempt.route.id, provider: attempt.route.provider))
    }
}
