public import GatewayCore
public import NIOCore

/// Decides, before each attempt, whether its provider may be called (docs/architecture.md, Admission).
///
/// Called on event loops, by all of them. The data plane returns every grant exactly once, even one that arrives after
/// its request has ended.
public protocol AdmissionControl: Sendable {
    /// Grants all claims of an attempt, or refuses it. A hold and the journal's intent are written here.
    func admit(_ attempt: AdmissionRequest, on eventLoop: any EventLoop) -> AdmissionVerdict

    /// Returns grants: those of an attempt when it ends, the rest when the request ends.
    /// - Parameters:
    ///   - exchangeID: of the request.
    ///   - attempt: the last attempt; nil if none was made.
    func release(_ grant: Grant, exchangeID: String, attempt: Attempt?)
}

/// An attempt that requests admission.
public struct AdmissionRequest: Sendable {
    /// The gateway's id of the request.
    public let exchangeID: String
    /// The attempt's position in `Exchange.attempts`.
    public let attempt: Int
    /// The caller, whose limits and budgets apply.
    public let caller: Caller?
    /// The route of the attempt.
    public let route: PlannedRoute
    /// The claims of the attempt; for the first attempt also the claims of the request.
    public let claims: [Claim]

    public init(exchangeID: String, attempt: Int, caller: Caller?, route: PlannedRoute, claims: [Claim]) {
        self.exchangeID = exchangeID
        self.attempt = attempt
        self.caller = caller
        self.route = route
        self.claims = claims
    }
}

/// The decision about an attempt's claims.
public enum AdmissionVerdict: Sendable {
    case granted(Grant)
    case refused(GatewayError)
    /// Decided later, on the loop of the request. An error that is no `GatewayError` refuses as `internal_error`.
    case pending(EventLoopFuture<Grant>)
}

/// Admits every attempt, without limits and budgets.
public struct NoLimits: AdmissionControl {
    public init() {}

    public func admit(_ attempt: AdmissionRequest, on eventLoop: any EventLoop) -> AdmissionVerdict {
        .granted(Grant())
    }

    public func release(_ grant: Grant, exchangeID: String, attempt: Attempt?) {}
}
