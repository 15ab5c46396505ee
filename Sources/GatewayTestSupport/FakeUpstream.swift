import NIOCore
import NIOPosix
public import NIOSSL

/// A server on the loopback interface that follows a script, byte by byte: it can stall, cut, lie and reset.
public final class FakeUpstream: Sendable {
    /// The port on 127.0.0.1 that it listens on; 0 if it listens on a Unix domain socket.
    public let port: Int
    private let scheme: String
    let connectionList = Watched<[FakeUpstreamConnection]>([])

    init(port: Int, scheme: String) {
        self.port = port
        self.scheme = scheme
    }

    /// `http://127.0.0.1:<port>`, or `https://localhost:<port>` with TLS.
    public var url: String {
        scheme == "https" ? "https://localhost:\(port)" : "http://127.0.0.1:\(port)"
    }

    /// The connections so far, in the order in which they were accepted.
    public var connections: [FakeUpstreamConnection] { connectionList.value }

    /// All complete requests so far, by connection.
    public var requests: [HTTPMessage] { connections.flatMap(\.requests) }

    /// Waits for the connection with this number, from 0.
    ///
    /// - Throws: `WaitTimeout`.
    public func connection(_ index: Int = 0, within timeout: Duration = .seconds(5)) async throws
        -> FakeUpstreamConnection
    {
        try await connectionList.wait(for: "connection \(index)", within: timeout) { connections in
            connections.indices.contains(index) ? connections[index] : nil
        }
    }

    /// Waits for a complete request on a connection.
    ///
    /// - Throws: `WaitTimeout`.
    public func request(
        _ index: Int = 0, onConnection connectionIndex: Int = 0, within timeout: Duration = .seconds(5)
    ) async throws -> HTTPMessage {
        let connection = try await connection(connectionIndex, within: timeout)
        return try await connection.state.wait(for: "request \(index)", within: timeout) { state in
            let requests = state.parser.messages
            return requests.indices.contains(index) ? requests[index] : nil
        }
    }
}

/// Runs `body` with a fake upstream that plays the same script on every connection; afterwards a connection stays open
/// until the client closes it or `body` returns.
@discardableResult
public func withFakeUpstream<Result: Sendable>(
    tls: NIOSSLContext? = nil, script: [FakeUpstreamStep],
    _ body: (FakeUpstream) async throws -> Result
) async throws -> Result {
    try await withFakeUpstream(tls: tls, script: { _ in script }, body)
}

/// Runs `body` with a fake upstream that plays `script(n)` on its connection number n, from 0.
@discardableResult
public func withFakeUpstream<Result: Sendable>(
    tls: NIOSSLContext? = nil, script: @escaping @Sendable (Int) -> [FakeUpstreamStep],
    _ body: (FakeUpstream) async throws -> Result
) async throws -> Result {
    try await withFakeUpstream(
        tls: tls, script: script, bind: { try await $0.bind(host: "127.0.0.1", port: 0).get() }, body)
}

/// Provides a fake upstream on a Unix domain socket, without TLS, that plays `script(n)` on its connection number n,
/// from 0.
///
/// - Parameter path: at most 107 bytes; a socket that is already there is replaced.
@discardableResult
public func withFakeUpstream<Result: Sendable>(
    unixSocket path: String, script: @escaping @Sendable (Int) -> [FakeUpstreamStep],
    _ body: (FakeUpstream) async throws -> Result
) async throws -> Result {
    try await withFakeUpstream(
        tls: nil, script: script,
        bind: { try await $0.bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get() }, body)
}

private func withFakeUpstream<Result: Sendable>(
    tls: NIOSSLContext?, script: @escaping @Sendable (Int) -> [FakeUpstreamStep],
    bind: (ServerBootstrap) async throws -> any Channel,
    _ body: (FakeUpstream) async throws -> Result
) async throws -> Result {
    let (accepted, continuation) = AsyncStream.makeStream(of: FakeUpstreamConnection.self)
    let bootstrap = ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        .serverChannelOption(.backlog, value: 1024)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .childChannelOption(.allowRemoteHalfClosure, value: true)
        .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        .childChannelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                let connection = FakeUpstreamConnection(channel)
                if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
                try channel.pipeline.syncOperations.addHandler(FakeUpstreamRecorder(connection))
                continuation.yield(connection)
            }
        }
    let server = try await bind(bootstrap)
    let upstream = FakeUpstream(port: server.localAddress?.port ?? 0, scheme: tls == nil ? "http" : "https")
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await serve(accepted, of: upstream, script: script) }
        let result: Swift.Result<Result, any Error>
        do { result = .success(try await body(upstream)) } catch { result = .failure(error) }
        try? await server.close()
        group.cancelAll()
        for connection in upstream.connections { await connection.shutDown() }
        return try result.get()
    }
}

private func serve(
    _ accepted: AsyncStream<FakeUpstreamConnection>, of upstream: FakeUpstream,
    script: @escaping @Sendable (Int) -> [FakeUpstreamStep]
) async {
    await withDiscardingTaskGroup { group in
        for await connection in accepted {
            let index = upstream.connectionList.update { connections in
                connections.append(connection)
                return connections.count - 1
            }
            group.addTask { await connection.play(script(index)) }
        }
    }
}
