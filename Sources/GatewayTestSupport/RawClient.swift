public import NIOCore
import NIOPosix
public import NIOSSL

/// A client at the level of bytes: it can send half a request, read slowly, close one direction or reset.
public final class RawClient: Sendable {
    /// How the client reads.
    public enum Reading: Sendable {
        /// All bytes, as soon as they arrive.
        case freely
        /// Only as `read(atLeast:bytesPerSecond:)` requests, with a kernel receive buffer of about 4 KiB, so that the
        /// sender soon has to wait.
        case onDemand
    }

    struct State: Sendable {
        var bytes: [UInt8] = []
        var parser = HTTPMessageParser()
        var endedAt: NIODeadline?
    }

    let state: Watched<State>
    private let channel: any Channel

    /// Connects to a port on loopback.
    ///
    /// - Parameter tls: Enables TLS, for a server that must be `localhost`.
    public static func connect(
        port: Int, tls: NIOSSLContext? = nil, reading: Reading = .freely
    ) async throws -> RawClient {
        let received = Watched(State())
        var bootstrap = ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connectTimeout(.seconds(5))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        let handler = try NIOSSLClientHandler(context: tls, serverHostname: "localhost")
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                    try channel.pipeline.syncOperations.addHandler(RawClientRecorder(received))
                }
            }
        if case .onDemand = reading {
            bootstrap =
                bootstrap
                .channelOption(.autoRead, value: false)
                .channelOption(.maxMessagesPerRead, value: 1)
                .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 1024))
                .channelOption(.socketOption(.so_rcvbuf), value: 4096)
        }
        return RawClient(try await bootstrap.connect(host: "127.0.0.1", port: port).get(), received)
    }

    private init(_ channel: any Channel, _ state: Watched<State>) {
        self.channel = channel
        self.state = state
    }

    /// The received bytes.
    public var received: [UInt8] { state.value.bytes }

    /// The received bytes, as text.
    public var receivedText: String { String(decoding: received, as: UTF8.self) }

    /// Sends text unchanged, and waits until the kernel has accepted it.
    public func send(_ text: String) async throws {
        try await send(ByteBuffer(string: text))
    }

    /// Sends bytes unchanged, and waits until the kernel has accepted them.
    public func send(_ bytes: ByteBuffer) async throws {
        try await channel.writeAndFlush(bytes)
    }

    /// Waits until `text` has arrived.
    ///
    /// - Returns: The bytes received so far.
    /// - Throws: `WaitTimeout`; `ConnectionEnded` if the server closes before.
    @discardableResult
    public func read(until text: String, within timeout: Duration = .seconds(5)) async throws -> String {
        let target = Array(text.utf8)
        return try await waitForServer("\"\(text)\"", within: timeout) { state in
            state.bytes.contains(subsequence: target) ? String(decoding: state.bytes, as: UTF8.self) : nil
        }
    }

    /// Waits for the complete response with this number, from 0, counting interim responses (1xx) too. A response
    /// without a length ends with the connection.
    ///
    /// - Throws: `WaitTimeout`; `ConnectionEnded` if the server closes before.
    public func response(_ index: Int = 0, within timeout: Duration = .seconds(5)) async throws -> HTTPMessage {
        try await waitForServer("response \(index)", within: timeout) { state in
            let messages = state.parser.messages
            return messages.indices.contains(index) ? messages[index] : nil
        }
    }

    /// Waits until the server has closed the connection.
    ///
    /// - Returns: The time of that.
    /// - Throws: `WaitTimeout`.
    @discardableResult
    public func end(within timeout: Duration = .seconds(5)) async throws -> NIODeadline {
        try await state.wait(for: "end of the connection", within: timeout) { $0.endedAt }
    }

    /// Reads at least `count` more bytes, at about this rate; for clients that read on demand.
    ///
    /// - Throws: `WaitTimeout` if the server sends nothing for 10 s; `ConnectionEnded`.
    public func read(atLeast count: Int, bytesPerSecond rate: Int) async throws {
        let start = received.count
        while received.count - start < count {
            let before = received.count
            channel.read()
            let now = try await waitForServer("byte", within: .seconds(10)) { state in
                state.bytes.count > before ? state.bytes.count : nil
            }
            let pause = TimeAmount.nanoseconds(Int64(now - before) * 1_000_000_000 / Int64(rate))
            try await channel.eventLoop.scheduleTask(in: pause) {}.futureResult.get()
        }
    }

    /// Closes the sending direction only.
    public func halfClose() async throws {
        try await channel.close(mode: .output)
    }

    /// Closes the connection; it may be closed already.
    public func close() async {
        // It may be closed already.
        try? await channel.close()
    }

    /// Closes with a TCP reset.
    public func reset() async throws {
        try await channel.reset()
    }

    private func waitForServer<Found: Sendable>(
        _ subject: String, within timeout: Duration, _ find: @escaping @Sendable (State) -> Found?
    ) async throws -> Found {
        let found = try await state.wait(for: subject, within: timeout) { state -> Found?? in
            if let found = find(state) { return .some(found) }
            return state.endedAt == nil ? nil : .some(nil)
        }
        guard let found else { throw ConnectionEnded(description: "the connection ended before \(subject)") }
        return found
    }
}

/// The server closed the connection before the expected bytes.
public struct ConnectionEnded: Error, CustomStringConvertible {
    /// What was expected.
    public let description: String
}

/// Runs `body` with a connected client, and closes it afterwards.
@discardableResult
public func withRawClient<Result: Sendable>(
    port: Int, tls: NIOSSLContext? = nil, reading: RawClient.Reading = .freely,
    _ body: (RawClient) async throws -> Result
) async throws -> Result {
    let client = try await RawClient.connect(port: port, tls: tls, reading: reading)
    let result: Swift.Result<Result, any Error>
    do { result = .success(try await body(client)) } catch { result = .failure(error) }
    await client.close()
    return try result.get()
}

/// Records the bytes from the server, and when they end.
private final class RawClientRecorder: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let state: Watched<RawClient.State>

    init(_ state: Watched<RawClient.State>) {
        self.state = state
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        state.update { state in
            state.bytes.append(contentsOf: bytes.readableBytesView)
            state.parser.append(bytes.readableBytesView)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed { ended() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        ended()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func ended() {
        state.update { state in
            state.parser.end()
            state.endedAt = state.endedAt ?? .now()
        }
    }
}

extension Array<UInt8> {
    fileprivate func contains(subsequence target: [UInt8]) -> Bool {
        guard count >= target.count else { return false }
        return (0...(count - target.count)).contains { start in
            self[start..<(start + target.count)].elementsEqual(target)
        }
    }
}
