public import GatewayCore

/// A provider's secret, which may be absent: then the gateway starts, and the provider's routes are unavailable.
public enum Credential: Sendable, Hashable {
    case value(Secret)
    /// The reason in words: `OPENAI_API_KEY is not set`.
    case missing(reason: String)
}

/// A credential together with where it came from, so that the reference can be shown and stored instead of the value.
public struct CredentialReference: Sendable, Hashable {
    /// What the document says.
    public let reference: ValueReference
    /// What that gave when the document was read.
    public let credential: Credential
}
