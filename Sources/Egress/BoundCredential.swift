public import GatewayCore

/// A credential that is sent to one origin only.
public struct BoundCredential: Sendable {
    public let origin: UpstreamOrigin
    /// The header's name, in lower case.
    public let header: String
    /// The header's complete value, such as `Bearer …`.
    public let value: Secret
    /// The part of the value that is secret.
    public let secret: Secret

    /// A credential that is the header's complete value.
    public init(origin: UpstreamOrigin, header: String, value: Secret) {
        self.origin = origin
        self.header = header
        self.value = value
        secret = value
    }

    private init(bearer token: Secret, origin: UpstreamOrigin) {
        self.origin = origin
        header = "authorization"
        value = Secret("Bearer " + token.reveal())
        secret = token
    }

    /// A bearer token (RFC 6750, section 2.1).
    public static func bearer(_ token: Secret, origin: UpstreamOrigin) -> BoundCredential {
        BoundCredential(bearer: token, origin: origin)
    }
}
