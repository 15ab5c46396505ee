import AsyncHTTPClient
import GatewayCore
public import NIOCore
public import NIOHTTP1
import NIOPosix
import NIOSSL

/// HTTP for everything but the data plane, such as the price list: plain `GET`s whose answers are small enough to be
/// collected.
///
/// It follows no redirect, asks for no compression, tries nothing twice, and records no spans: those of the library
/// would have addresses with their queries. `shutdown` must be called at the end.
public struct HTTPClients: Sendable {
    /// What a call may take.
    public struct Limits: Sendable, Hashable {
        /// From the start to the last byte of the body.
        public let total: Duration
        /// The bytes of the body.
        public let maxBytes: Int

        public init(total: Duration, maxBytes: Int) {
            self.total = total
            self.maxBytes = maxBytes
        }
    }

    /// An answer with its whole body.
    public struct Answer: Sendable {
        public let status: Int
        public let headers: HTTPHeaders
        public let body: ByteBuffer
    }

    private let direct: HTTPClient
    private let proxied: HTTPClient?
    private let reachesDirectly: @Sendable (String) -> Bool

    /// - Parameters:
    ///   - proxy: the way out; nil for the direct way.
    ///   - reachesDirectly: whether a host is reached without the proxy.
    public init(proxy: EgressProxy?, reachesDirectly: @escaping @Sendable (_ host: String) -> Bool = { _ in false }) {
        direct = HTTPClient(eventLoopGroup: .singletonMultiThreadedEventLoopGroup, configuration: .background(nil))
        proxied = proxy.map { proxy in
            HTTPClient(eventLoopGroup: .singletonMultiThreadedEventLoopGroup, configuration: .background(proxy))
        }
        self.reachesDirectly = reachesDirectly
    }

    /// Gets `url`.
    /// - Parameter host: that of `url`, which decides the way.
    /// - Returns: the answer, whatever its status.
    public func get(
        _ url: String, host: String, headers: HTTPHeaders, limits: Limits
    ) async throws(HTTPFailure) -> Answer {
        let client = if let proxied, !reachesDirectly(host) { proxied } else { direct }
        do {
            return try await withDeadline(limits.total) { try await Self.exchange(url, headers, limits, client) }
        } catch is DeadlineExceeded {
            throw .timedOut(limits.total)
        } catch {
            throw HTTPFailure(error, limits)
        }
    }

    /// Closes all connections.
    public func shutdown() async {
        try? await direct.shutdown()
        try? await proxied?.shutdown()
    }

    private static func exchange(
        _ url: String, _ headers: HTTPHeaders, _ limits: Limits, _ client: HTTPClient
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: url)
        request.headers = headers
        let response = try await client.execute(request, timeout: TimeAmount(limits.total))
        if let length = response.headers.first(name: "content-length").flatMap(Int.init), length > limits.maxBytes {
            throw HTTPFailure.tooLarge(limits.maxBytes)
        }
        var body = ByteBuffer()
        for try await part in response.body {
            guard body.readableBytes + part.readableBytes <= limits.maxBytes else {
                throw HTTPFailure.tooLarge(limits.maxBytes)
            }
            body.writeImmutableBuffer(part)
        }
        return Answer(status: Int(response.status.code), headers: response.headers, body: body)
    }
}

extension HTTPClient.Configuration {
    /// The profile of calls that no caller waits for.
    fileprivate static func background(_ proxy: EgressProxy?) -> HTTPClient.Configuration {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.certificateVerification = .fullVerification
        tls.minimumTLSVersion = .tlsv12
        var pool = HTTPClient.Configuration.ConnectionPool(idleTimeout: .seconds(5))
        // A refused connection is an answer, not a reason to wait for the connect timeout.
        pool.retryConnectionEstablishment = false
        var configuration = HTTPClient.Configuration()
        configuration.tlsConfiguration = tls
        configuration.redirectConfiguration = .disallow
        configuration.timeout = Timeout(connect: .seconds(10), read: .seconds(20))
        configuration.connectionPool = pool
        configuration.proxy = proxy?.clientProxy
        configuration.decompression = .disabled
        configuration.httpVersion = .http1Only
        configuration.tracing.tracer = nil
        return configuration
    }
}
