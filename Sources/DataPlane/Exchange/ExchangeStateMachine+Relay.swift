import GatewayCore

/// The response on its way to the client, and what becomes of it without one.
extension ExchangeStateMachine {
    // MARK: 7. Relay: the response flows

    mutating func beginStream(_ actions: inout Actions) {
        stage = .relay(.stream)
        actions.append(.stopTimer(.streamBuffer))
        actions.append(.stopTimer(.request))
        actions.append(.startTimer(.keepAlive))
        actions.append(.sendHead)
    }

    mutating func relay(_ kind: AnswerKind, _ event: ExchangeEvent, _ actions: inout Actions) {
        switch event {
        case .answerPart(let bytes, _, let progress):
            upstreamMoved(progress, &actions)
            if bytes > 0 { actions.append(.sendPart) }
        case .answerEnd:
            stage = .ended
            actions.append(.sendEnd)
            actions.append(.settle(.complete, nil))
        case .attemptFailed(let error): breakOff(error, &actions)
        case .attemptFailedInStream(let error):
            stage = .ended
            actions.append(.sendPart)
            actions.append(.sendEnd)
            actions.append(.settle(EndReason(of: error), error))
        case .clientUnwritable: pauseUpstream(&actions)
        case .clientWritable: resumeUpstream(&actions)
        case .timer(.stall): leave(&actions)
        case .timer(.keepAlive):
            actions.append(.startTimer(.keepAlive))
            actions.append(.sendKeepAlive)
        case .timer(.responsePart), .timer(.attempt), .timer(.endOfBody):
            guard progress == .open else { return actions.append(.finishWithoutEndOfBody) }
            actions.append(.cancelUpstream)
            breakOff(.upstreamTooSlow(isRepeated: false), &actions)
        case .lookupPending, .authenticated, .answeredLocally, .planned, .admitted, .refused, .bodyPart, .bodyEnd,
            .clientGone, .attemptStarted, .credentialPending, .credentialArrived, .attemptRefused, .answerHead, .timer,
            .shutdown:
            break
        }
    }

    /// The upstream has sent something: it may take its time for the next part, or for the end of its body.
    mutating func upstreamMoved(_ progress: StreamProgress, _ actions: inout Actions) {
        let wasOver = self.progress == .over
        self.progress = progress
        // Parts of one read still arrive after a pause; the time is then the client's, not the upstream's.
        // What follows the last event must not postpone the end.
        guard !isUpstreamPaused, !wasOver else { return }
        if progress == .over { actions.append(.stopTimer(.responsePart)) }
        actions.append(.startTimer(nextPartTimer))
    }

    private var nextPartTimer: ExchangeTimer { progress == .over ? .endOfBody : .responsePart }

    // MARK: Back-pressure

    private mutating func pauseUpstream(_ actions: inout Actions) {
        guard !isUpstreamPaused else { return }
        isUpstreamPaused = true
        actions.append(.stopTimer(nextPartTimer))
        actions.append(.stopTimer(.attempt))
        actions.append(.startTimer(.stall))
        actions.append(.pauseUpstream)
    }

    private mutating func resumeUpstream(_ actions: inout Actions) {
        guard isUpstreamPaused else { return }
        isUpstreamPaused = false
        actions.append(.stopTimer(.stall))
        actions.append(.startTimer(nextPartTimer))
        actions.append(.startTimer(.attempt))
        actions.append(.resumeUpstream)
    }

    // MARK: Drain: the client is gone, but the end of the response tells what it costs

    mutating func clientGone(isDrained: Bool, _ actions: inout Actions) {
        // Many clients leave at the last event, before the upstream has ended its body: the response was complete.
        guard isAttemptUnderWay, isDrained || progress == .over else { return leave(&actions) }
        isResponseComplete = progress == .over
        stage = .drain
        actions.append(.stopTimer(.streamBuffer))
        actions.append(.stopTimer(.keepAlive))
        actions.append(.startTimer(.request))
        resumeUpstream(&actions)
        actions.append(.closeClient)
    }

    mutating func drain(_ event: ExchangeEvent, _ actions: inout Actions) {
        switch event {
        case .answerHead:
            actions.append(.stopTimer(.responseHead))
            actions.append(.startTimer(.responsePart))
        case .answerPart(_, _, let progress): upstreamMoved(progress, &actions)
        case .answerEnd: endDrain(nil, &actions)
        case .attemptFailed(let error), .attemptFailedInStream(let error): endDrain(error, &actions)
        case .timer(.responseHead), .timer(.responsePart), .timer(.attempt), .timer(.request), .timer(.endOfBody):
            guard progress == .open else { return actions.append(.finishWithoutEndOfBody) }
            actions.append(.cancelUpstream)
            endDrain(nil, &actions)
        case .shutdown:
            actions.append(.cancelUpstream)
            endDrain(nil, &actions)
        case .lookupPending, .authenticated, .answeredLocally, .planned, .admitted, .refused, .bodyPart, .bodyEnd,
            .clientUnwritable, .clientWritable, .clientGone, .attemptStarted, .credentialPending, .credentialArrived,
            .attemptRefused, .timer:
            break
        }
    }

    private mutating func endDrain(_ error: GatewayError?, _ actions: inout Actions) {
        stage = .ended
        guard isResponseComplete else { return actions.append(.settle(.clientCancelled, nil)) }
        actions.append(.settle(error.map(EndReason.init) ?? .complete, error))
    }
}
