/// Where an upstream is: scheme, host and port, with the trust that its certificate is judged by.
///
/// A credential is bound to one origin, and a connection is only ever reused for the origin that it was made for.
public struct UpstreamOrigin: Sendable, Hashable {
    public let host: String
    public let port: Int
    /// Nil for plain HTTP.
    public let tls: UpstreamTLS?
    /// The value of the `Host` header (RFC 9112, section 3.2): without the port where it is the scheme's own.
    public let authority: String

    public init(host: String, port: Int, tls: UpstreamTLS?) {
        self.host = host
        self.port = port
        self.tls = tls
        let name = host.contains(":") ? "[\(host)]" : host
        authority = port == (tls == nil ? 80 : 443) ? name : "\(name):\(port)"
    }

    public static func == (left: UpstreamOrigin, right: UpstreamOrigin) -> Bool {
        left.port == right.port && left.host == right.host && left.tls === right.tls
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(host)
        hasher.combine(port)
        hasher.combine(tls.map(ObjectIdentifier.init))
    }
}
