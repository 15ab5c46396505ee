import Foundation
public import GatewayCore

/// An HTTP proxy that makes a tunnel to an upstream (`CONNECT`, RFC 9110, section 9.3.6), for TLS and plain HTTP alike.
///
/// It sees which hosts are called, and nothing of a request that is under TLS: certificates are the upstream's own.
public struct EgressProxy: Sendable, Hashable {
    public let host: String
    public let port: Int
    /// The value of `Proxy-Authorization`. The upstream never gets it.
    let authorization: Secret?

    /// - Parameter credentials: `user:password` (RFC 7617), if the proxy wants them.
    public init(host: String, port: Int, credentials: Secret? = nil) {
        self.host = host
        self.port = port
        authorization = credentials.map { Secret("Basic " + Data($0.reveal().utf8).base64EncodedString()) }
    }

    /// For messages to the operator.
    var name: String { Self.authority(host, port) }

    /// The request for a tunnel.
    func connectRequest(to host: String, port: Int) -> String {
        let target = Self.authority(host, port)
        let credentials = authorization.map { "proxy-authorization: \($0.reveal())\r\n" } ?? ""
        return "CONNECT \(target) HTTP/1.1\r\nhost: \(target)\r\n\(credentials)\r\n"
    }

    /// With the port in any case, as `CONNECT` has it (RFC 9112, section 3.2.3).
    private static func authority(_ host: String, _ port: Int) -> String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
