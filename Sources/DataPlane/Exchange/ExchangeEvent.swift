package import GatewayCore

/// What can happen to a request, in the words of the state machine.
package enum ExchangeEvent: Sendable {
    // From the stages that the shell performs.
    /// The stage has to wait for the database: its outcome comes later.
    case lookupPending
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
    /// Its provider is about to be called.
    case attemptStarted
    /// The provider's credential is being fetched.
    case credentialPending
    /// It is at hand; the provider is called.
    case credentialArrived
    /// The provider was not called: it has no credential, or cannot be asked for what the request asks.
    case attemptRefused(GatewayError)
    case answerHead(AnswerKind)
    /// The upstream has sent something. `bytes` go to the client, which may be none; `hasContent` is true once the
    /// stream has produced output, after which a fallback would give a different answer.
    case answerPart(bytes: Int, hasContent: Bool, progress: StreamProgress = .open)
    /// The relay found the response complete.
    case answerEnd
    /// The attempt failed, or broke off.
    case attemptFailed(GatewayError)
    /// The attempt failed, and the upstream's own last event says so: it is pending, and ends the stream for its
    /// clients.
    case attemptFailedInStream(GatewayError)

    // From the clock and the operator.
    case timer(ExchangeTimer)
    case shutdown
}

/// What an upstream's head announces.
package enum AnswerKind: Sendable, Equatable {
    /// A JSON document, buffered while it is small so that it can go out in one write.
    case json
    /// A stream of events, passed on as it comes.
    case stream
    /// A stream was asked for, and the content type names something else: only the first bytes tell.
    case unnamedStream
    /// A status that is not 2xx; its body is read for the upstream's error message.
    case error
}

/// How far a stream has come, by the rules of its family.
package enum StreamProgress: Sendable, Equatable {
    case open
    /// Everything that counts has come, but not the last event.
    case complete
    /// The last event has come, or an error in its place: nothing that follows counts.
    case over
}
