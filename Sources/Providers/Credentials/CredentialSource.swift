public import Egress
public import GatewayCore

/// Where a provider's credential comes from. Called by all event loops, for every attempt.
public protocol CredentialSource: Sendable {
    /// The credential, without waiting.
    func current() -> CredentialState

    /// Waits for a credential, together with all others who do. It must end in bounded time.
    ///
    /// To be called after `current()` was `.pending`. Cancelling one waiter does not disturb the others.
    func refreshed() async throws(GatewayError) -> BoundCredential?
}

/// What a source has at hand.
public enum CredentialState: Sendable {
    /// Nil if the provider takes no credential.
    case ready(BoundCredential?)
    /// It has to be waited for.
    case pending
}

/// A credential from the configuration, which never changes: no wait, and no allocation per attempt.
public struct StaticCredential: CredentialSource {
    private let credential: BoundCredential?

    /// - Parameter credential: nil for a provider that takes none.
    public init(_ credential: BoundCredential?) {
        self.credential = credential
    }

    public func current() -> CredentialState { .ready(credential) }

    public func refreshed() async throws(GatewayError) -> BoundCredential? { credential }
}
