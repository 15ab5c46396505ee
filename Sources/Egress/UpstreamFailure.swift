/// The reason why a call ended without a complete answer.
public struct UpstreamFailure: Error, Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        /// No connection was established: name resolution, refusal, connect timeout. Nothing was sent.
        case unreachable
        /// The gateway's own machine has no file, port or memory left for a connection. It says nothing about the
        /// upstream. Nothing was sent.
        case noResources
        /// The upstream's certificate was refused, or TLS failed otherwise. Nothing was sent.
        case tls
        /// The connection ended before any byte of the answer. The upstream may have acted on the request.
        case noAnswer
        /// The connection ended within the answer.
        case cut
        /// The answer is not HTTP/1.1.
        case invalidAnswer
    }

    public let kind: Kind
    /// For the operator's log, never for the caller.
    public let reason: String

    public init(_ kind: Kind, _ reason: String) {
        self.kind = kind
        self.reason = reason
    }
}
