/// The address of an upstream: scheme, host and port, or a Unix domain socket; with the trust roots for its
/// certificate.
///
/// A credential is bound to one origin, and a connection is reused only for the origin that it was opened for.
public struct UpstreamOrigin: Sendable, Hashable {
    /// Where a connection goes.
    public enum Address: Sendable, Hashable {
        case tcp(host: String, port: Int)
        /// A Unix domain socket of this machine.
        case unix(path: String)
    }

    public let address: Address
    /// Nil for plain HTTP.
    public let tls: UpstreamTLS?
    /// The proxy on the way; nil for the direct way.
    public let proxy: EgressProxy?
    /// The value of the `Host` header (RFC 9112, section 3.2). It omits the port if that is the scheme's default.
    public let authority: String
    /// The upstream in messages for the operator: the authority, or `unix:` and the path of the socket.
    public let name: String

    /// An upstream that listens on a TCP port.
    public init(host: String, port: Int, tls: UpstreamTLS?, proxy: EgressProxy? = nil) {
        address = .tcp(host: host, port: port)
        self.tls = tls
        self.proxy = proxy
        let literal = host.contains(":") ? "[\(host)]" : host
        authority = port == (tls == nil ? 80 : 443) ? literal : "\(literal):\(port)"
        name = authority
    }

    /// An upstream that listens on a Unix domain socket, with plain HTTP. Its `Host` header is `localhost`.
    ///
    /// - Parameter path: at most 107 bytes on Linux; a connection to a longer one fails as `unreachable`.
    public static func unix(path: String) -> UpstreamOrigin {
        UpstreamOrigin(unixPath: path)
    }

    private init(unixPath path: String) {
        address = .unix(path: path)
        tls = nil
        proxy = nil
        authority = "localhost"
        name = "unix:\(path)"
    }

    public static func == (left: UpstreamOrigin, right: UpstreamOrigin) -> Bool {
        left.address == right.address && left.tls === right.tls && left.proxy == right.proxy
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(address)
        hasher.combine(tls.map(ObjectIdentifier.init))
        hasher.combine(proxy)
    }
}
