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
            switch loop.cachedKey(token.publicID, now: request.exchange.receivedAt) {
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
        loop.recordUse(ofKey: token.publicID, now: request.exchange.receivedAt)
        event(.authenticated)
    }

    private func awaitKey(_ token: APIKeyToken, for request: ActiveRequest) {
        event(.authenticationPending)
        deadline = .now() + loop.settings.keyTimeout
        loop.fetchKey(token.publicID) { [self] result in
            guard case .busy(let current) = phase, current === request else { return }
            deadline = .now() + loop.settings.bodyTimeout
            do throws(GatewayError) {
                try accept(token, try result.get(), for: request)
            } catch {
                event(.refused(error))
            }
            flushIfNeeded()
        }
    }

    // MARK: 3. to 5. Resolve, plan, admit

    /// At once, unless the request goes on from a response that has to be looked up first.
    func decide(_ request: ActiveRequest) {
        guard let id = request.scan() else {
            return event(request.decide(using: &loop.random, health: loop.health))
        }
        deadline = .now() + loop.settings.keyTimeout
        loop.fetchResponse(id) { [self] result in
            guard case .busy(let current) = phase, current === request else { return }
            switch result {
            case .success(let stored):
                request.previous = stored
                event(request.decide(using: &loop.random, health: loop.health))
            case .failure(let error): event(.refused(error))
            }
            flushIfNeeded()
        }
    }

    // MARK: 6. Execute

    func attempt(_ position: Int, for request: ActiveRequest) {
        do throws(GatewayError) {
            let call = try request.makeAttempt(position)
            request.alarm = .distantFuture
            if let route = request.route { request.isProbe = loop.health.begin(route, at: WallClock.now()) }
            let timeouts = request.provider?.timeouts ?? ProviderTimeouts()
            request.attemptDeadline = timeouts.total.map { .now() + $0 } ?? .distantFuture
            let head = request.exchange.isStream ? timeouts.streamHead : timeouts.head
            deadline = upstreamDeadline(for: request, within: timeouts.connect + head)
            request.call = call.start(over: loop.upstreams, on: loop.eventLoop, receiver: self)
        } catch {
            event(.attemptFailed(error))
        }
    }

    /// The attempt came to nothing, and another follows.
    func endAttempt(of request: ActiveRequest, _ error: GatewayError) {
        let elapsed = request.elapsed
        request.call = nil
        request.alarm = .distantFuture
        request.attemptDeadline = .distantFuture
        request.updateAttempt { attempt in
            attempt.endedAfter = elapsed
            attempt.failure = error.cause ?? error.message
        }
        endHealth(of: request, .init(of: error, status: request.exchange.attempts.last?.status))
    }

    /// A probe has found its route in order as soon as the answer goes out; what comes of it is another matter.
    func recordAnswer(of request: ActiveRequest) {
        request.alarm = .distantFuture
        guard request.isProbe, let route = request.route else { return }
        request.isProbe = false
        loop.health.end(route, .healthy, wasProbe: true, at: WallClock.now())
    }

    private func endHealth(of request: ActiveRequest, _ outcome: RouteHealth.Outcome) {
        guard let route = request.route else { return }
        request.route = nil
        loop.health.end(route, outcome, wasProbe: request.isProbe, at: WallClock.now())
        request.isProbe = false
    }

    /// The sooner of `time` from now and what bounds the attempt; and as long as nothing has gone to the client, of what bounds
    /// the whole request. A stream that flows is never cut for its length.
    func upstreamDeadline(for request: ActiveRequest, within time: TimeAmount?) -> NIODeadline {
        let bound = min(time.map { .now() + $0 } ?? .distantFuture, request.attemptDeadline)
        return request.machine.isAnswerBegun ? bound : min(bound, request.startedAt + loop.settings.requestDeadline)
    }

    // MARK: 8. Settle, 9. record

    /// The ledger will be told here; the log is.
    func settle(_ request: ActiveRequest, _ reason: EndReason, _ error: GatewayError?) {
        request.call = nil
        let elapsed = request.elapsed
        request.updateAttempt { attempt in
            attempt.endedAfter = elapsed
            attempt.failure = error.map { $0.cause ?? $0.message }
        }
        endHealth(
            of: request,
            error.map { .init(of: $0, status: request.exchange.attempts.last?.status) }
                ?? (reason == .complete ? .healthy : .unknown))
        request.exchange.usage = request.relay?.usage
        request.exchange.endedAfter = elapsed
        request.exchange.endReason = reason
        request.exchange.error = error
        if request.isCounted { loop.load.leave() }
        releaseBody(of: request)
        resumeReading()
        // The end of an answer can have brought in the next request of a pipeline.
        if case .busy(let current) = phase, current === request { becomeIdle() }
        loop.record(request.exchange)
        if context?.channel.isActive != true { leaveLoop() }
    }

    /// A response that the provider keeps belongs to whoever asked for it. To be called before the caller gets its id.
    func recordStoredResponse(_ request: ActiveRequest) {
        guard let route = request.route, route.adjustments.storesResponses, request.api?.wantsStore == true,
            !request.isNotedAsStored, let owner = request.key?.owner, let id = request.relay?.responseID,
            id.utf8.count <= ResponsesRequest.maxIDBytes
        else { return }
        request.isNotedAsStored = true
        loop.remember(StoredResponse(id: id, owner: owner, route: route.id, provider: route.provider))
    }

    /// No attempt will send the body again.
    func releaseBody(of request: ActiveRequest) {
        loop.load.release(request.reservedBytes)
        request.reservedBytes = 0
        request.body = ByteBuffer()
    }
}
