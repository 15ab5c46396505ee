import GatewayCore

/// The stages before the first attempt.
extension ExchangeStateMachine {
    // MARK: 1. Authenticate: from the head alone

    mutating func authenticate(_ event: ExchangeEvent, _ actions: inout Actions) {
        switch event {
        case .lookupPending:
            isClientPaused = true
            actions.append(.pauseClient)
            beginLookup(&actions)
        case .authenticated: authenticated(&actions)
        case .refused(let error): refuse(error, &actions)
        case .bodyPart(let bytes): _ = takeBody(bytes, &actions)
        case .bodyEnd: isBodyEnded = true
        case .timer(.lookup), .timer(.request): refuse(.storeTooSlow, &actions)
        case .answeredLocally, .planned, .admitted, .clientUnwritable, .clientWritable, .clientGone, .attemptStarted,
            .credentialPending, .credentialArrived, .attemptRefused,
            .answerHead, .answerPart, .answerEnd, .attemptFailed, .attemptFailedInStream, .timer, .shutdown:
            break
        }
    }

    private mutating func authenticated(_ actions: inout Actions) {
        endLookup(&actions)
        if let declared = terms.declaredBytes, declared > terms.maxBodyBytes { return refuse(tooLarge, &actions) }
        stage = .read
        if isClientPaused {
            isClientPaused = false
            actions.append(.resumeClient)
        }
        guard !isBodyEnded else { return beginPlanning(&actions) }
        if terms.expectsContinue, bodyBytes == 0 { actions.append(.sendContinue) }
        actions.append(.startTimer(.body))
        actions.append(.startTimer(.wholeBody))
    }

    // MARK: 2. Read: the body, up to the limit

    mutating func read(_ event: ExchangeEvent, _ actions: inout Actions) {
        switch event {
        case .bodyPart(let bytes): if takeBody(bytes, &actions) { actions.append(.startTimer(.body)) }
        case .bodyEnd:
            isBodyEnded = true
            actions.append(.stopTimer(.body))
            actions.append(.stopTimer(.wholeBody))
            beginPlanning(&actions)
        case .refused(let error): refuse(error, &actions)
        // However steadily a body trickles in, it takes up a place.
        case .timer(.body), .timer(.wholeBody), .timer(.request): refuse(.bodyTooSlow, &actions)
        case .lookupPending, .authenticated, .answeredLocally, .planned, .admitted, .clientUnwritable,
            .clientWritable, .clientGone, .attemptStarted, .credentialPending, .credentialArrived, .attemptRefused,
            .answerHead, .answerPart, .answerEnd, .attemptFailed, .attemptFailedInStream,
            .timer, .shutdown:
            break
        }
    }

    /// - Returns: false if the body is too large, which ends the request.
    private mutating func takeBody(_ bytes: Int, _ actions: inout Actions) -> Bool {
        bodyBytes += bytes
        guard bodyBytes > terms.maxBodyBytes else { return true }
        refuse(tooLarge, &actions)
        return false
    }

    private var tooLarge: GatewayError {
        .client(.requestTooLarge, "The request body is larger than the limit of \(terms.maxBodyBytes) bytes.")
    }

    private mutating func beginPlanning(_ actions: inout Actions) {
        stage = .plan
        actions.append(.plan)
    }

    // MARK: 3. and 4. Resolve, plan

    mutating func plan(_ event: ExchangeEvent, _ actions: inout Actions) {
        switch event {
        case .lookupPending: beginLookup(&actions)
        case .answeredLocally:
            stage = .ended
            actions.append(.sendLocalAnswer)
            actions.append(.settle(.complete, nil))
        case .planned(let routes):
            endLookup(&actions)
            attempts = AttemptSequence(routes: routes, limits: terms.attempts)
            perform(attempts.begin(), &actions)
        case .refused(let error): refuse(error, &actions)
        case .timer(.lookup), .timer(.request): refuse(.storeTooSlow, &actions)
        case .authenticated, .admitted, .bodyPart, .bodyEnd, .clientUnwritable, .clientWritable, .clientGone,
            .attemptStarted, .credentialPending, .credentialArrived, .attemptRefused, .answerHead, .answerPart,
            .answerEnd, .attemptFailed, .attemptFailedInStream, .timer, .shutdown:
            break
        }
    }

    // MARK: Waiting for the database, in any stage

    mutating func beginLookup(_ actions: inout Actions) {
        isLookupPending = true
        actions.append(.startTimer(.lookup))
    }

    mutating func endLookup(_ actions: inout Actions) {
        guard isLookupPending else { return }
        isLookupPending = false
        actions.append(.stopTimer(.lookup))
    }
}
