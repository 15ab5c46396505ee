/// Why a connection cannot complete a call.
package enum UpstreamConnectionEnd: Sendable, Hashable {
    case failure(UpstreamFailure)
    /// The upstream closed the connection before a call could use it.
    case closedAtOnce
    case closedBeforeAnswer
    case closedWithinAnswer
    case handshakeTimedOut
    /// A streamed body is not as long as its request says.
    case wrongBodyLength(isAnswerBegun: Bool)
}

extension UpstreamConnectionEnd {
    /// - Parameter upstream: the name of the origin, for the operator.
    func failure(of upstream: String) -> UpstreamFailure {
        switch self {
        case .failure(let failure): failure
        case .closedAtOnce: .init(.unreachable, "\(upstream) closed the connection at once")
        case .closedBeforeAnswer: .init(.noAnswer, "\(upstream) closed the connection before its answer")
        case .closedWithinAnswer: .init(.cut, "\(upstream) closed the connection within its answer")
        case .handshakeTimedOut: .init(.unreachable, "no TLS session with \(upstream) in time")
        case .wrongBodyLength(let isAnswerBegun):
            .init(
                isAnswerBegun ? .cut : .noAnswer,
                "the request body for \(upstream) is not as long as its content-length")
        }
    }
}
