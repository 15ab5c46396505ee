public import GatewayCore

/// A provider's secret, which may be absent: then the gateway starts, and the provider's routes are unavailable.
public enum Credential: Sendable, Hashable {
    case value(Secret)
    /// The reason, such as `OPENAI_API_KEY is not set`.
    case missing(reason: String)

    /// Nil if it is missing.
    public var value: Secret? {
        if case .value(let secret) = self { secret } else { nil }
    }
}

/// A credential with its source, so that the gateway can show and store the reference instead of the value.
public struct CredentialReference: Sendable, Hashable {
    /// The reference in the document.
    public let reference: ValueReference
    /// Its value when the document was read.
    public let credential: Credential
}
