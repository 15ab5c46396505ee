import GatewayCore
import NIOCore
import NIOHTTP1

/// The two directions of a relayed request.
extension RelayStateMachine {
    // MARK: The body, to the control plane

    mutating func takeBody(_ part: ByteBuffer, _ actions: inout Actions) {
        guard !isBodyEnded else { return }
        bodyBytes += part.readableBytes
        guard bodyBytes <= terms.maxBodyBytes else { return cancel(tooLarge, &actions) }
        if isUpstreamWritable { actions.append(.startTimer(.body)) }
        actions.append(.forwardPart(part))
    }

    mutating func endBody(_ actions: inout Actions) {
        guard !isBodyEnded else { return }
        isBodyEnded = true
        actions.append(.stopTimer(.wholeBody))
        actions.append(isUpstreamWritable ? .stopTimer(.body) : .resumeClient)
        if stage == .awaitingHead { actions.append(.startTimer(.responseHead)) }
        actions.append(.forwardEnd)
    }

    mutating func resumeBody(_ actions: inout Actions) {
        guard !isUpstreamWritable else { return }
        isUpstreamWritable = true
        guard !isBodyEnded else { return }
        if terms.expectsContinue, !isContinueSent, bodyBytes == 0, stage == .awaitingHead {
            isContinueSent = true
            actions.append(.sendContinue)
        }
        actions.append(.startTimer(.body))
        actions.append(.resumeClient)
    }

    mutating func pauseBody(_ actions: inout Actions) {
        guard isUpstreamWritable else { return }
        isUpstreamWritable = false
        guard !isBodyEnded else { return }
        actions.append(.stopTimer(.body))
        actions.append(.pauseClient)
    }

    // MARK: The response, to the client

    mutating func takeHead(_ head: HTTPResponseHead, _ actions: inout Actions) {
        guard stage == .awaitingHead else { return }
        // The gateway offers no upgrade: what follows would not be HTTP.
        guard head.status != .switchingProtocols else { return cancel(.controlPlaneInvalid, &actions) }
        stage = .relaying
        actions.append(.stopTimer(.request))
        actions.append(.stopTimer(.responseHead))
        actions.append(.startTimer(.responsePart))
        actions.append(.sendHead(head))
    }

    mutating func takePart(_ part: ByteBuffer, _ actions: inout Actions) {
        guard stage == .relaying else { return }
        // Parts that were read before the pause do not end the wait for the client.
        if !isUpstreamPaused { actions.append(.startTimer(.responsePart)) }
        actions.append(.sendPart(part))
    }

    mutating func endResponse(_ actions: inout Actions) {
        guard stage == .relaying else { return end(.controlPlaneInvalid, &actions) }
        stage = .ended
        // The rest of a body that the control plane did not want is not worth the connection.
        actions.append(.sendEnd(closing: !isBodyEnded || !terms.isKeptAlive))
        actions.append(.settle(.complete, nil))
    }

    mutating func pauseResponse(_ actions: inout Actions) {
        guard stage == .relaying, !isUpstreamPaused else { return }
        isUpstreamPaused = true
        actions.append(.stopTimer(.responsePart))
        actions.append(.startTimer(.stall))
        actions.append(.pauseUpstream)
    }

    mutating func resumeResponse(_ actions: inout Actions) {
        guard isUpstreamPaused else { return }
        isUpstreamPaused = false
        actions.append(.stopTimer(.stall))
        actions.append(.startTimer(.responsePart))
        actions.append(.resumeUpstream)
    }
}
