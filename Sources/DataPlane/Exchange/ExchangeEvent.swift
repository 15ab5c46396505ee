package import GatewayCore

/// What can happen to a request, in the words of the state machine.
package enum ExchangeEvent: Sendable {
    // From the stages that the shell performs.
    /// The key is not cached: the verdict comes later.
    case authenticationPending
    case authenticated
    /// The gateway itself has the answer, such as the list of models.
    case answeredLocally
    /// Resolved and planned, with so many routes to try.
    case planned(routes: Int)
    /// The attempt that asked for admission may be made.
    case admitted
    /// Authentication, resolution, planning or admission refused.
    case refused(GatewayError)

    // From the client.
    case bodyPart(bytes: Int)
    case bodyEnd
    case clientUnwritable
    case clientWritable
    /// `isDrained` if the upstream is to be read to its end all the same.
    case clientGone(isDrained: Bool)

    // From the attempt.
    case answerHead(AnswerKind)
    /// A part that the relay has passed, with so many bytes for the client. `hasContent` once the stream has brought something
    /// that another attempt would bring otherwise.
    case answerPart(bytes: Int, hasContent: Bool)
    /// The relay found the answer complete.
    case answerEnd
    /// The attempt came to nothing, or broke off.
    case attemptFailed(GatewayError)

    // From the clock and the operator.
    case deadline
    /// The beginning of a stream must not be held back any longer.
    case streamBufferTimedOut
    /// The time for the next attempt has come.
    case waitOver
    case shutdown
}

/// What an upstream's head announces.
package enum AnswerKind: Sendable, Equatable {
    /// A whole answer, held back while it is small so that it can go out in one write.
    case json
    /// A stream of events, passed on as it comes.
    case stream
    /// A status that is not 2xx; its body is read for the upstream's words.
    case error
}
