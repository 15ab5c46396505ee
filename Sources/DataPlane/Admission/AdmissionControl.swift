public import GatewayCore
public import NIOCore

/// Decides, before each attempt, whether its provider may be called (docs/architecture.md, Admission).
///
/// Called on event loops, by all of them. The data plane returns every grant exactly once, also one that comes after its
/// request has ended.
public protocol AdmissionControl: Sendable {
    /// Grants all claims of an attempt, or refuses it. A hold and the journal's intent are written here.
    func admit(_ attempt: AdmissionRequest, on eventLoop: any EventLoop) -> AdmissionVerdict

    /// Takes back what was granted: per attempt when it ends, the rest when the request ends.
    /// - Parameters:
    ///   - exchangeID: of the request.
    ///   - attempt: the attempt that ended last; nil if none was made.
    func release(_ grant: Grant, exchangeID: String, attempt: Attempt?)
}

/// An attempt that asks to be admitted.
public struct AdmissionRequest: Sendable {
    /// The gateway's id of the request.
    public let exchangeID: String
    /// The attempt's position in `Exchange.attempts`.
    public let attempt: Int
    /// Whose limits and budgets apply.
    public let caller: Caller?
    /// The route that is to be tried.
    public let route: PlannedRoute
    /// What the attempt claims; the first one also what its request claims once.
    public let claims: [Claim]

    public init(exchangeID: String, attempt: Int, caller: Caller?, route: PlannedRoute, claims: [Claim]) {
        self.exchangeID = exchangeID
        self.attempt = attempt
        self.caller = caller
        self.route = route
        self.claims = claims
    }
}

/// What became of an attempt's claims.
public enum AdmissionVerdict: Sendable {
    case granted(Grant)
    case refused(GatewayError)
    /// Decided later, on the loop of the request. An error that is no `GatewayError` refuses as `internal_error`.
    case pending(EventLoopFuture<Grant>)
}

/// Admits everything: no limit and no budget is in force.
public struct NoLimits: AdmissionControl {
    public init() {}

    public func admit(_ attempt: AdmissionRequest, on eventLoop: any EventLoop) -> AdmissionVerdict {
        .granted(Grant())
    }

    public func release(_ grant: Grant, exchangeID: String, attempt: Attempt?) {}
}
