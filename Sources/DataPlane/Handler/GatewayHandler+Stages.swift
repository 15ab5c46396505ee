import Egress
import GatewayCore
import NIOCore
import NIOHTTP1
import Providers
import Routing
import WireFormats

/// The stages that may have to wait, and the end of every request.
extension GatewayHandler {
    // MARK: 1. Authenticate

    func authenticate(_ request: ActiveRequest) {
        do throws(GatewayError) {
            if let refusal = request.refusalBeforeAuthentication() { throw refusal }
            guard !loop.isStale else { throw .stale }
            guard loop.load.enter() else { throw .overloaded }
            request.isCounted = true
            let token = try Credentials.token(in: request.head.headers)
            switch loop.keys.cached(token.publicID, now: request.exchange.receivedAt) {
            case .known(let record): try accept(token, record, for: request)
            case .absent: try accept(token, nil, for: request)
            case .unknown: awaitKey(token, for: request)
            }
        } catch {
            event(.refused(error))
        }
    }

    private func accept(_ token: APIKeyToken, _ record: KeyRecord?, for request: ActiveRequest) throws(GatewayError) {
        try request.verify(token, against: record)
        loop.keys.recordUse(of: token.publicID, now: request.exchange.receivedAt)
        request.exchange.stageEnds.authenticate = request.elapsed
        event(.authenticated)
    }

    private func awaitKey(_ token: APIKeyToken, for request: ActiveRequest) {
        event(.authenticationPending)
        deadline = .now() + loop.settings.lookupTimeout
        loop.keys.fetch(token.publicID) { [self] result in
            guard isCurrent(request) else { return }
            deadline = .now() + loop.settings.bodyTimeout
            do throws(GatewayError) {
                try accept(token, try result.get(), for: request)
            } catch {
                event(.refused(error))
            }
            flushIfNeeded()
        }
    }

    // MARK: 3. and 4. Resolve, plan

    /// At once, unless the request goes on from a response that has to be looked up first.
    func plan(_ request: ActiveRequest) {
        request.exchange.stageEnds.read = request.elapsed
        guard let id = request.scan() else {
            return event(request.plan(using: &loop.random, health: loop.health))
        }
        deadline = .now() + loop.settings.lookupTimeout
        loop.storedResponses.fetch(id) { [self] result in
            guard isCurrent(request) else { return }
            switch result {
            case .success(let stored):
                request.previous = stored
                event(request.plan(using: &loop.random, health: loop.health))
            case .failure(let error): event(.refused(error))
            }
            flushIfNeeded()
        }
    }

    // MARK: 5. Admit

    func admit(_ position: Int, for request: ActiveRequest) {
        guard let asked = request.admissionRequest(position) else {
            return event(.refused(.internalError("attempt \(position) is not in the plan")))
        }
        switch loop.admission.admit(asked, on: loop.eventLoop) {
        case .granted(let grant):
            request.grant.formUnion(grant)
            event(.admitted)
        case .refused(let error): event(.refused(error))
        case .pending(let verdict): awaitAdmission(verdict, of: request, attempt: asked.attempt)
        }
    }

    /// A grant that arrives after its request has ended, or is no longer waiting for it, is returned.
    private func awaitAdmission(_ verdict: EventLoopFuture<Grant>, of request: ActiveRequest, attempt: Int) {
        deadline = .now() + loop.settings.lookupTimeout
        verdict.assumeIsolated().whenComplete { [self] result in
            let isWaiting = isCurrent(request) && request.isAdmitting(attempt)
            switch result {
            case .success(let grant) where isWaiting:
                request.grant.formUnion(grant)
                event(.admitted)
            case .success(let grant):
                loop.admission.release(grant, exchangeID: request.exchange.id, attempt: nil)
            case .failure(let error) where isWaiting:
                event(.refused(error as? GatewayError ?? .internalError("admission failed: \(error)")))
            case .failure: break
            }
            flushIfNeeded()
        }
    }

    // MARK: 6. Execute

    func attempt(_ position: Int, for request: ActiveRequest) {
        do throws(GatewayError) {
            let attempt = try request.makeAttempt(position, for: self)
            request.alarm = .distantFuture
            attempt.isProbe = loop.health.begin(attempt.route, at: WallClock.now())
            deadline = upstreamDeadline(for: request, within: attempt.headTimeout)
            attempt.start(over: loop.upstreams, on: loop.eventLoop)
        } catch {
            event(.attemptFailed(error))
        }
    }

    /// The attempt failed, and another follows.
    func endAttempt(of request: ActiveRequest, _ error: GatewayError) {
        request.alarm = .distantFuture
        if let attempt = request.endAttempt(.failed(error)) {
            endHealth(of: attempt, .init(of: error, status: request.exchange.attempts[attempt.number].status))
        }
        release(request.grant.takeAttemptClaims(), of: request)
    }

    /// A probe has found its route healthy as soon as the response goes out; how the response ends is another matter.
    func recordAnswer(of request: ActiveRequest) {
        request.alarm = .distantFuture
        guard let attempt = request.attempt, attempt.isProbe else { return }
        attempt.isProbe = false
        loop.health.end(attempt.route, .healthy, wasProbe: true, at: WallClock.now())
    }

    private func endHealth(of attempt: ActiveAttempt, _ outcome: RouteHealth.Outcome) {
        loop.health.end(attempt.route, outcome, wasProbe: attempt.isProbe, at: WallClock.now())
    }

    /// The sooner of `time` from now and what bounds the attempt; and as long as nothing has gone to the client, of what bounds
    /// the whole request. A stream that flows is never cut for its length.
    func upstreamDeadline(for request: ActiveRequest, within time: TimeAmount?) -> NIODeadline {
        let bound = min(time.map { .now() + $0 } ?? .distantFuture, request.attempt?.deadline ?? .distantFuture)
        return request.machine.isAnswerBegun ? bound : min(bound, request.startedAt + loop.settings.requestDeadline)
    }

    // MARK: 8. Settle, 9. record

    /// The ledger will be told here; the log is.
    func settle(_ request: ActiveRequest, _ reason: EndReason, _ error: GatewayError?) {
        let elapsed = request.elapsed
        let outcome = error.map(AttemptOutcome.failed) ?? (reason == .complete ? .succeeded : .cancelled)
        if let attempt = request.endAttempt(outcome) {
            let status = request.exchange.attempts[attempt.number].status
            endHealth(
                of: attempt,
                error.map { .init(of: $0, status: status) } ?? (reason == .complete ? .healthy : .unknown))
        }
        release(request.grant.takeAll(), of: request)
        request.exchange.finish(reason, error: error, at: elapsed)
        if request.isCounted { loop.load.leave() }
        releaseBody(of: request)
        resumeReading()
        // The end of an answer can have brought in the next request of a pipeline.
        if case .busy(let current) = phase, current === request { becomeIdle() }
        loop.recorder.record(request.exchange)
        if context?.channel.isActive != true { leaveLoop() }
    }

    private func release(_ grant: Grant, of request: ActiveRequest) {
        guard !grant.claims.isEmpty else { return }
        loop.admission.release(grant, exchangeID: request.exchange.id, attempt: request.exchange.attempts.last)
    }

    private func isCurrent(_ request: ActiveRequest) -> Bool {
        if case .busy(let current) = phase { current === request } else { false }
    }

    /// A response that the provider keeps belongs to whoever asked for it. To be called before the caller gets its id.
    func recordStoredResponse(_ request: ActiveRequest) {
        guard let attempt = request.attempt, attempt.route.adjustments.storesResponses, !attempt.isOwnershipRecorded,
            request.api?.wantsStore == true, let owner = request.key?.owner, let id = attempt.relay.responseID,
            id.utf8.count <= ResponsesRequest.maxIDBytes
        else { return }
        attempt.isOwnershipRecorded = true
        loop.storedResponses.remember(
            StoredResponse(id: id, owner: owner, route: attempt.route.id, provider: attempt.route.provider))
    }

    /// No attempt will send the body again.
    func releaseBody(of request: ActiveRequest) {
        loop.load.release(request.reservedBytes)
        request.reservedBytes = 0
        request.body = ByteBuffer()
    }
}
