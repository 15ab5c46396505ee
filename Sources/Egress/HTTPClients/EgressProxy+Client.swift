import AsyncHTTPClient
import GatewayCore

extension EgressProxy {
    /// For the library, which makes tunnels for TLS and plain HTTP alike, as the data plane does.
    var clientProxy: HTTPClient.Configuration.Proxy {
        let credentials = authorization.map { String($0.reveal().dropFirst("Basic ".count)) }
        return .server(
            host: host, port: port, authorization: credentials.map { HTTPClient.Authorization.basic(credentials: $0) })
    }
}
