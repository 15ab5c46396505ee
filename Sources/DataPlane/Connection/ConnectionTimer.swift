/// What a client's connection waits for, each under a deadline of its own.
package enum ConnectionTimer: Sendable, Hashable {
    /// The rest of a request's head.
    case head
    /// The next request.
    case idle
    /// The client's own close after the last response.
    case linger
    /// Something that the request under way waits for.
    case exchange(ExchangeTimer)

    package static let count = 3 + ExchangeTimer.allCases.count

    var index: Int {
        switch self {
        case .head: 0
        case .idle: 1
        case .linger: 2
        case .exchange(let timer): 3 + timer.rawValue
        }
    }

    init(index: Int) {
        switch index {
        case 0: self = .head
        case 1: self = .idle
        case 2: self = .linger
        default: self = ExchangeTimer(rawValue: index - 3).map(ConnectionTimer.exchange) ?? .linger
        }
    }
}

/// What a request waits for. `ExchangeStateMachine` starts and stops these; how long each is stands in `ExchangeDriver`.
package enum ExchangeTimer: Int, Sendable, Hashable, CaseIterable {
    /// The whole request, until its response begins.
    case request
    /// The next part of the request's body.
    case body
    /// The database: a key, a stored response, an admission.
    case lookup
    /// The whole attempt.
    case attempt
    /// The head of the upstream's response.
    case responseHead
    /// The next part of the upstream's response.
    case responsePart
    /// The end of the upstream's body, after the last event of its stream.
    case endOfBody
    /// The first content of a stream: until then its start is buffered.
    case streamBuffer
    /// The time of the next attempt.
    case retry
    /// The client, which does not read.
    case stall
    /// Something to send, so that a silent stream is not taken for a dead one.
    case keepAlive
}
