import GatewayCore

/// The attempts, while nothing has reached the client.
extension ExchangeStateMachine {
    mutating func execute(_ execution: Execution, _ event: ExchangeEvent, _ actions: inout Actions) {
        switch execution {
        case .admitting(let position): admitting(position, event, &actions)
        case .awaitingCredential: awaitingCredential(event, &actions)
        case .awaitingHead: awaitingHead(event, &actions)
        case .buffering(let bytes): buffering(bytes, event, &actions)
        case .bufferingStream(let bytes): bufferingStream(bytes, event, &actions)
        case .readingError: readingError(event, &actions)
        case .waiting(let position): waiting(position, event, &actions)
        }
    }

    // MARK: 5. Admit: before each attempt

    private mutating func admit(_ position: Int, _ actions: inout Actions) {
        stage = .execute(.admitting(position: position))
        actions.append(.admit(position))
    }

    private mutating func admitting(_ position: Int, _ event: ExchangeEvent, _ actions: inout Actions) {
        switch event {
        case .lookupPending: beginLookup(&actions)
        case .admitted:
            endLookup(&actions)
            stage = .execute(.awaitingHead)
            progress = .open
            actions.append(.attempt(position))
        case .refused(let error): refuseAdmission(error, &actions)
        case .timer(.lookup), .timer(.request): refuseAdmission(.storeTooSlow, &actions)
        case .authenticated, .answeredLocally, .planned, .bodyPart, .bodyEnd, .clientUnwritable, .clientWritable,
            .clientGone, .attemptStarted, .credentialPending, .credentialArrived, .attemptRefused, .answerHead,
            .answerPart, .answerEnd, .attemptFailed, .attemptFailedInStream, .timer, .shutdown:
            break
        }
    }

    /// Once a provider was called, the request failed there; the caller is told why no other attempt follows.
    private mutating func refuseAdmission(_ error: GatewayError, _ actions: inout Actions) {
        refuse(error, as: wasProviderCalled ? .upstreamError : nil, &actions)
    }

    // MARK: 6. Execute

    private mutating func awaitingHead(_ event: ExchangeEvent, _ actions: inout Actions) {
        switch event {
        case .attemptStarted:
            actions.append(.startTimer(.attempt))
            actions.append(.startTimer(.responseHead))
        case .credentialPending: stage = .execute(.awaitingCredential)
        case .attemptRefused(let error): nextAttempt(after: error, wasCalled: false, &actions)
        case .answerHead(let kind):
            actions.append(.stopTimer(.responseHead))
            actions.append(.startTimer(.responsePart))
            headArrived(kind, &actions)
        case .attemptFailed(let error), .attemptFailedInStream(let error): nextAttempt(after: error, &actions)
        case .timer(.responseHead), .timer(.attempt): giveUpAttempt(&actions)
        case .timer(.request): giveUpRequest(&actions)
        case .lookupPending, .authenticated, .answeredLocally, .planned, .admitted, .refused, .bodyPart, .bodyEnd,
            .clientUnwritable, .clientWritable, .clientGone, .credentialArrived, .answerPart, .answerEnd, .timer,
            .shutdown:
            break
        }
    }

    /// The provider is not called yet; the time for its response head runs all the same.
    private mutating func awaitingCredential(_ event: ExchangeEvent, _ actions: inout Actions) {
        switch event {
        case .credentialArrived: stage = .execute(.awaitingHead)
        case .attemptRefused(let error): nextAttempt(after: error, wasCalled: false, &actions)
        case .timer(.responseHead), .timer(.attempt):
            nextAttempt(after: .credentialTooSlow(retry: .elsewhere), wasCalled: false, &actions)
        case .timer(.request): nextAttempt(after: .credentialTooSlow(retry: .never), wasCalled: false, &actions)
        case .lookupPending, .authenticated, .answeredLocally, .planned, .admitted, .refused, .bodyPart, .bodyEnd,
            .clientUnwritable, .clientWritable, .clientGone, .attemptStarted, .credentialPending, .answerHead,
            .answerPart, .answerEnd, .attemptFailed, .attemptFailedInStream, .timer, .shutdown:
            break
        }
    }

    private mutating func headArrived(_ kind: AnswerKind, _ actions: inout Actions) {
        switch kind {
        case .json: stage = .execute(.buffering(bytes: 0))
        case .error: stage = .execute(.readingError)
        case .stream, .unnamedStream:
            // As long as another attempt is possible, nothing goes out that it could not bring as well.
            guard attempts.hasMore || kind == .unnamedStream else { return beginStream(&actions) }
            stage = .execute(.bufferingStream(bytes: 0))
            actions.append(.startTimer(.streamBuffer))
        }
    }

    private mutating func buffering(_ buffered: Int, _ event: ExchangeEvent, _ actions: inout Actions) {
        switch event {
        case .answerPart(let bytes, _, _):
            actions.append(.startTimer(.responsePart))
            if buffered + bytes <= terms.maxBufferedBytes {
                stage = .execute(.buffering(bytes: buffered + bytes))
                if bytes > 0 { actions.append(.bufferPart) }
            } else {
                stage = .relay(.json)
                actions.append(.stopTimer(.request))
                actions.append(.sendHead)
                actions.append(.sendPart)
            }
        case .answerEnd:
            stage = .ended
            actions.append(.sendWhole)
            actions.append(.settle(.complete, nil))
        case .attemptFailed(let error), .attemptFailedInStream(let error): nextAttempt(after: error, &actions)
        case .timer(.responsePart), .timer(.attempt): giveUpAttempt(&actions)
        case .timer(.request): giveUpRequest(&actions)
        case .lookupPending, .authenticated, .answeredLocally, .planned, .admitted, .refused, .bodyPart, .bodyEnd,
            .clientUnwritable, .clientWritable, .clientGone, .attemptStarted, .credentialPending, .credentialArrived,
            .attemptRefused, .answerHead, .timer, .shutdown:
            break
        }
    }

    private mutating func bufferingStream(_ buffered: Int, _ event: ExchangeEvent, _ actions: inout Actions) {
        switch event {
        case .answerPart(let bytes, let hasContent, let progress):
            upstreamMoved(progress, &actions)
            if !hasContent, buffered + bytes <= terms.maxBufferedBytes, attempts.hasMore || bytes == 0 {
                stage = .execute(.bufferingStream(bytes: buffered + bytes))
                if bytes > 0 { actions.append(.bufferPart) }
            } else {
                beginStream(&actions)
                if bytes > 0 { actions.append(.sendPart) }
            }
        case .timer(.streamBuffer): beginStream(&actions)
        case .answerEnd:
            beginStream(&actions)
            relay(.stream, event, &actions)
        case .attemptFailed(let error): nextAttempt(after: error, &actions)
        case .attemptFailedInStream(let error):
            guard !goOn(after: error, wasCalled: true, &actions) else { return }
            // The stream tells it: clients (Codex) know some errors by that event only.
            beginStream(&actions)
            relay(.stream, event, &actions)
        case .timer(.responsePart), .timer(.attempt), .timer(.endOfBody):
            if progress == .open { giveUpAttempt(&actions) } else { actions.append(.finishWithoutEndOfBody) }
        case .timer(.request):
            if progress == .open { giveUpRequest(&actions) } else { actions.append(.finishWithoutEndOfBody) }
        case .lookupPending, .authenticated, .answeredLocally, .planned, .admitted, .refused, .bodyPart, .bodyEnd,
            .clientUnwritable, .clientWritable, .clientGone, .attemptStarted, .credentialPending, .credentialArrived,
            .attemptRefused, .answerHead, .timer, .shutdown:
            break
        }
    }

    private mutating func readingError(_ event: ExchangeEvent, _ actions: inout Actions) {
        switch event {
        case .answerPart: actions.append(.startTimer(.responsePart))
        case .attemptFailed(let error), .attemptFailedInStream(let error): nextAttempt(after: error, &actions)
        // The status is known; only the rest of its body is late.
        case .timer(.responsePart), .timer(.attempt), .timer(.request): actions.append(.finishWithoutEndOfBody)
        case .lookupPending, .authenticated, .answeredLocally, .planned, .admitted, .refused, .bodyPart, .bodyEnd,
            .clientUnwritable, .clientWritable, .clientGone, .attemptStarted, .credentialPending, .credentialArrived,
            .attemptRefused, .answerHead, .answerEnd, .timer,
            .shutdown:
            break
        }
    }

    /// The next attempt is due later.
    private mutating func waiting(_ position: Int, _ event: ExchangeEvent, _ actions: inout Actions) {
        switch event {
        case .timer(.retry): admit(position, &actions)
        case .timer(.request):
            refuse(lastError ?? .upstreamTooSlow(isRepeated: false), as: .upstreamError, &actions)
        case .lookupPending, .authenticated, .answeredLocally, .planned, .admitted, .refused, .bodyPart, .bodyEnd,
            .clientUnwritable, .clientWritable, .clientGone, .attemptStarted, .credentialPending, .credentialArrived,
            .attemptRefused, .answerHead, .answerPart, .answerEnd,
            .attemptFailed, .attemptFailedInStream, .timer, .shutdown:
            break
        }
    }

    // MARK: From one attempt to the next

    mutating func perform(_ step: AttemptSequence.Step, _ actions: inout Actions) {
        guard step.wait > 0 else { return admit(step.position, &actions) }
        stage = .execute(.waiting(position: step.position))
        actions.append(.wait(milliseconds: step.wait))
    }

    /// - Parameter wasCalled: false if the attempt failed before its provider was called.
    private mutating func nextAttempt(after error: GatewayError, wasCalled: Bool = true, _ actions: inout Actions) {
        guard !goOn(after: error, wasCalled: wasCalled, &actions) else { return }
        // Once a provider was called this is its refusal, also where the caller's own request is at fault.
        let reason = EndReason(of: error)
        let error = error.isLasting == areFailuresLasting ? error : error.lasting(areFailuresLasting)
        refuse(error, as: reason == .refused && wasProviderCalled ? .upstreamError : reason, &actions)
    }

    /// Begins the next attempt; false if there is none.
    private mutating func goOn(after error: GatewayError, wasCalled: Bool, _ actions: inout Actions) -> Bool {
        lastError = error
        areFailuresLasting = areFailuresLasting && error.isLasting
        if wasCalled { wasProviderCalled = true }
        guard let step = attempts.advance(after: error.retry, retryAfter: error.retryAfterMilliseconds) else {
            return false
        }
        actions.append(.attemptEnded(error))
        perform(step, &actions)
        return true
    }

    private mutating func giveUpAttempt(_ actions: inout Actions) {
        actions.append(.cancelUpstream)
        nextAttempt(after: .upstreamTooSlow(isRepeated: terms.repeatsAfterTimeout), &actions)
    }

    /// No time is left for another attempt.
    private mutating func giveUpRequest(_ actions: inout Actions) {
        actions.append(.cancelUpstream)
        nextAttempt(after: .upstreamTooSlow(isRepeated: false), &actions)
    }
}
