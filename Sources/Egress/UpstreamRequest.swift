import GatewayCore
public import NIOCore
public import NIOHTTP1

/// A request to an upstream. The pool adds `Host`, the framing of the body (`Content-Length` or `Transfer-Encoding`)
/// and the credential; `headers` contains none of these.
public struct UpstreamRequest: Sendable {
    /// How the body reaches the upstream.
    public enum Body: Sendable {
        /// The request has no body.
        case absent
        /// The body is complete. It comes in slices, so that a large one is never copied.
        case slices([ByteBuffer])
        /// The body is passed to `UpstreamCall.send(_:)` while the call runs.
        ///
        /// `length` is its size in bytes if that is known in advance; otherwise the body is sent in chunks. A body of
        /// another size than `length` fails the call.
        case streamed(length: Int?)
    }

    public let origin: UpstreamOrigin
    public let method: HTTPMethod
    /// Path and query, in origin form.
    public let path: String
    public let headers: HTTPHeaders
    public let credential: BoundCredential?
    public internal(set) var body: Body
    /// Limits the time for the connection and, with TLS, its handshake.
    public let connectTimeout: TimeAmount

    /// - Parameter method: not CONNECT, after which a connection carries no HTTP.
    public init(
        origin: UpstreamOrigin, method: HTTPMethod = .POST, path: String, headers: HTTPHeaders,
        credential: BoundCredential?, body: Body, connectTimeout: TimeAmount
    ) {
        self.origin = origin
        self.method = method
        self.path = path
        self.headers = headers
        self.credential = credential
        self.body = body
        self.connectTimeout = connectTimeout
    }

    /// A POST with a complete body.
    public init(
        origin: UpstreamOrigin, path: String, headers: HTTPHeaders, credential: BoundCredential?, body: [ByteBuffer],
        connectTimeout: TimeAmount
    ) {
        self.init(
            origin: origin, path: path, headers: headers, credential: credential, body: .slices(body),
            connectTimeout: connectTimeout)
    }

    /// The head as it is sent. It contains the credential only if that is bound to this very origin.
    func head() -> HTTPRequestHead {
        var headers = headers
        headers.add(name: "host", value: origin.authority)
        switch body {
        case .absent:
            // RFC 9110, section 8.6: a method that usually has a body says so when it has none.
            if method == .POST || method == .PUT || method == .PATCH { headers.add(name: "content-length", value: "0") }
        case .slices(let slices):
            headers.add(name: "content-length", value: String(slices.reduce(0) { $0 + $1.readableBytes }))
        case .streamed(let length?): headers.add(name: "content-length", value: String(length))
        case .streamed(nil): headers.add(name: "transfer-encoding", value: "chunked")
        }
        if let credential, credential.origin == origin {
            headers.add(name: credential.header, value: credential.value.reveal())
        }
        return HTTPRequestHead(version: .http1_1, method: method, uri: path, headers: headers)
    }
}
