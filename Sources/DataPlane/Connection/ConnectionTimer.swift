/// The timers of a client's connection, each with its own deadline.
package enum ConnectionTimer: Sendable, Hashable {
    /// The rest of a request's head.
    case head
    /// The next request.
    case idle
    /// The client's own close after the last response.
    case linger
    /// A timer of the current request.
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

/// The timers of a request. `ExchangeStateMachine` starts and stops them; `ExchangeDriver` has their durations.
package enum ExchangeTimer: Int, Sendable, Hashable, CaseIterable {
    /// The whole request, until its response starts.
    case request
    /// The next part of the request's body.
    case body
    /// The whole of the request's body.
    case wholeBody
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
    /// A client that does not read.
    case stall
    /// The next keep-alive of a silent stream.
    case keepAlive
}
