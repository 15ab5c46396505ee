import Egress
import GatewayCore

/// The errors of a relayed request. The messages do not contain the address of the control plane; the log line does.
extension GatewayError {
    static func controlPlane(_ failure: UpstreamFailure) -> GatewayError {
        switch failure.kind {
        case .noResources:
            GatewayError(
                .overloaded, "The gateway cannot open another connection at the moment. Try again shortly.",
                cause: failure.reason, source: .gateway, retryAfterSeconds: 1)
        case .unreachable, .tls:
            GatewayError(
                .upstreamUnreachable, "The control plane is unreachable. Try again shortly.", cause: failure.reason,
                source: .gateway)
        case .noAnswer, .cut, .invalidAnswer:
            GatewayError(
                .upstreamError,
                "The control plane did not send a complete response. Check whether the change was applied before retrying.",
                cause: failure.reason, source: .gateway)
        }
    }

    static let controlPlaneInvalid = GatewayError(
        .upstreamError, "The control plane sent something that is not a response.", source: .gateway)

    static let controlPlaneTooSlow = GatewayError(
        .upstreamTimeout, "The control plane took too long to answer.", cause: "the control plane's time limit passed",
        source: .gateway)
}
