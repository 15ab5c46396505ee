import AsyncHTTPClient
import NIOCore
import NIOPosix
import NIOSSL

/// Why a call of `HTTPClients` has no answer. The text has no path or query of the address.
public enum HTTPFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// No connection: the name, the address, TLS, or a proxy.
    case unreachable(String)
    /// Longer than this in all.
    case timedOut(Duration)
    /// The body has more bytes than this.
    case tooLarge(Int)
    /// The connection ended, or what came is not HTTP.
    case broken(String)
    /// The calling task was cancelled.
    case cancelled

    public var description: String {
        switch self {
        case .unreachable(let reason): "the server cannot be reached: \(reason)"
        case .timedOut(let limit): "the answer was not complete within \(limit)"
        case .tooLarge(let bytes): "the answer has more than \(bytes) bytes, and was not read to its end"
        case .broken(let reason): "the answer is broken: \(reason)"
        case .cancelled: "the call was cancelled"
        }
    }

    init(_ error: any Error, _ limits: HTTPClients.Limits) {
        switch error {
        case let failure as HTTPFailure: self = failure
        case is CancellationError: self = .cancelled
        case let error as HTTPClientError: self.init(error, limits)
        case let error as NIOConnectionError:
            let cause = error.connectionErrors.first.map { "\($0.error)" } ?? "the name cannot be resolved"
            self = .unreachable(cause)
        case let error as IOError: self = .unreachable("\(error)")
        case let error as NIOSSLError: self = .unreachable("TLS: \(error)")
        case let error as NIOSSLExtraError: self = .unreachable("TLS: \(error)")
        default: self = .broken("\(error)")
        }
    }

    private init(_ error: HTTPClientError, _ limits: HTTPClients.Limits) {
        switch error {
        case .cancelled: self = .cancelled
        case .deadlineExceeded: self = .timedOut(limits.total)
        case .readTimeout: self = .broken("nothing came for too long")
        case .remoteConnectionClosed: self = .broken("the connection was closed")
        case .connectTimeout, .httpProxyHandshakeTimeout, .tlsHandshakeTimeout, .proxyAuthenticationRequired,
            .invalidProxyResponse:
            self = .unreachable("\(error)")
        default: self = .broken("\(error)")
        }
    }
}
