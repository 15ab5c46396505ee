public import Egress
public import GatewayCore
public import WireFormats

/// Reads what a provider's errors mean for the caller. Chosen by the adapter, since each kind of provider has codes of
/// its own.
///
/// The rules are those of docs/api.md: what is wrong with the caller's own request is passed on as the upstream says
/// it, code and all; everything else is for the gateway's operator, and the message says no more than whose fault it
/// was.
public protocol UpstreamErrorReader: Sendable {
    /// The error for a response with a status other than 2xx.
    /// - Parameter redact: takes the secrets of the attempt out of a text.
    func error(for response: UpstreamErrorResponse, redact: (String) -> String) -> GatewayError

    /// The error for a response that began well and has an error in it.
    /// - Parameter redact: takes the secrets of the attempt out of a text.
    func error(reported body: UpstreamErrorBody, redact: (String) -> String) -> GatewayError
}

extension UpstreamFailure {
    /// The error for a call that ended without a response. It depends on the connection alone, not on the kind of
    /// provider.
    public func error(provider: String) -> GatewayError {
        switch kind {
        case .noResources:
            GatewayError(
                .overloaded, "The gateway cannot open another connection at the moment. Try again shortly.",
                cause: reason, source: .gateway, retryAfterSeconds: 1)
        case .unreachable, .tls:
            GatewayError(
                .upstreamUnreachable, "The provider `\(provider)` cannot be reached.", cause: reason,
                source: .upstream, retry: kind == .tls ? .elsewhere : .anywhere, isLasting: kind == .tls)
        case .noAnswer, .invalidAnswer, .cut:
            GatewayError(
                .upstreamError, "The provider `\(provider)` ended the connection without a complete answer.",
                cause: reason,
                source: .upstream)
        }
    }
}
