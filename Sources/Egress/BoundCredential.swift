public import GatewayCore

/// A credential that is sent to one origin only.
public struct BoundCredential: Sendable {
    public let origin: UpstreamOrigin
    /// The header's name, in lower case.
    public let header: String
    /// The header's complete value, such as `Bearer …`.
    public let value: Secret

    public init(origin: UpstreamOrigin, header: String, value: Secret) {
        self.origin = origin
        self.header = header
        self.value = value
    }
}
