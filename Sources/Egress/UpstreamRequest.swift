public import GatewayCore
public import NIOCore
public import NIOHTTP1

/// A request to an upstream, complete but for what the pool adds itself: `Host`, `Content-Length` and the credential.
public struct UpstreamRequest: Sendable {
    public let origin: UpstreamOrigin
    /// Path and query, in origin form.
    public let path: String
    public let headers: HTTPHeaders
    public let credential: BoundCredential?
    /// The body in slices, so that a large one is never copied.
    public internal(set) var body: [ByteBuffer]
    /// For the connection and, with TLS, its handshake.
    public let connectTimeout: TimeAmount

    public init(
        origin: UpstreamOrigin, path: String, headers: HTTPHeaders, credential: BoundCredential?, body: [ByteBuffer],
        connectTimeout: TimeAmount
    ) {
        self.origin = origin
        self.path = path
        self.headers = headers
        self.credential = credential
        self.body = body
        self.connectTimeout = connectTimeout
    }

    /// The head as it goes out. The credential is in it only if it is bound to this very origin.
    func head() -> HTTPRequestHead {
        var headers = headers
        headers.add(name: "host", value: origin.authority)
        headers.add(name: "content-length", value: String(body.reduce(0) { $0 + $1.readableBytes }))
        if let credential, credential.origin == origin {
            headers.add(name: credential.header, value: credential.value.reveal())
        }
        return HTTPRequestHead(version: .http1_1, method: .POST, uri: path, headers: headers)
    }
}

/// A credential that can be sent to one origin only.
public struct BoundCredential: Sendable {
    public let origin: UpstreamOrigin
    /// The header's name, in lower case.
    public let header: String
    /// The header's whole value, such as `Bearer …`.
    public let value: Secret

    public init(origin: UpstreamOrigin, header: String, value: Secret) {
        self.origin = origin
        self.header = header
        self.value = value
    }
}
