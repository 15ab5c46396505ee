import GatewayCore
import Listening
public import Logging
import NIOCore
import NIOPosix
public import ServiceLifecycle

/// Answers commands of other processes on this machine over a Unix-domain socket.
///
/// A connection carries one request and its reply, each a line of JSON. Only the gateway's own user and root may send
/// requests.
public struct ControlServer: Service {
    /// Answers a request; it must end when its task is cancelled. The server logs any error but a `ControlError` and
    /// replies with an internal error.
    public typealias Handler = @Sendable (ControlRequest) async throws -> ControlReply

    /// The time limit for handling a request.
    public static let defaultDeadline = Duration.seconds(10)

    private static let maxConnections = 64
    /// How long a peer may take to send its request, which is one write: short, because it holds one of the
    /// connections, and a revocation may wait for one.
    private static let arrivalDeadline = Duration.seconds(3)

    private let socket: ControlSocketFile
    private let handler: Handler
    private let deadline: Duration
    private let logger: Logger

    /// Creates the socket at `path` at once, so that a failing start fails here; requests wait until `run()`.
    ///
    /// - Parameters:
    ///   - path: at most 103 bytes. The socket of a dead process is replaced, a live one is an error.
    ///   - deadline: for handling one request.
    public init(
        path: String, deadline: Duration = defaultDeadline, logger: Logger, handler: @escaping Handler
    ) throws(ControlSocketError) {
        socket = try ControlSocketFile(path: path)
        self.handler = handler
        self.deadline = deadline
        self.logger = logger
    }

    /// Serves until graceful shutdown or cancellation, then finishes the running requests and removes the socket.
    public func run() async throws {
        guard let descriptor = socket.takeDescriptor() else { return }
        defer { socket.remove() }
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelInitializer { [logger] channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        AcceptGate(listener: "control socket", logger: logger))
                }
            }
            // Read from when it is served, see `ControlChannel.wrap`.
            .childChannelOption(.autoRead, value: false)
            // A client may end its side after its request, and still read the reply.
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .bind(descriptor) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(EarlyInput())
                }.flatMap {
                    PeerCredentials.of(channel)
                }.map { peer in
                    Connection(channel: channel, peer: peer)
                }.flatMapErrorThrowing { error in
                    // NIO leaves a connection open whose setup failed.
                    channel.close(promise: nil)
                    throw error
                }
            }
        try await withGracefulShutdownHandler {
            try await server.executeThenClose { connections in
                try await serve(connections)
            }
        } onGracefulShutdown: {
            server.channel.close(promise: nil)
        }
    }

    private struct Connection: Sendable {
        let channel: any Channel
        let peer: PeerCredentials
    }

    private func serve(_ connections: NIOAsyncChannelInboundStream<Connection>) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            var running = 0
            for try await connection in connections {
                // Connections over the limit wait in the kernel's queue, which is bounded too.
                if running == Self.maxConnections {
                    try await group.next()
                    running -= 1
                }
                group.addTask { await serve(connection) }
                running += 1
            }
        }
    }

    private func serve(_ connection: Connection) async {
        do {
            let channel = try await ControlChannel.wrap(connection.channel)
            try await channel.executeThenClose { lines, _ in
                guard let reply = await reply(to: lines, from: connection.peer) else { return }
                try await withDeadline(deadline) { try await channel.send(reply) }
            }
        } catch {
            logger.debug("A control connection broke.", metadata: ["error": "\(error)"])
        }
    }

    /// Nil if the peer disconnected without a request.
    private func reply(
        to lines: NIOAsyncChannelInboundStream<ByteBuffer>, from peer: PeerCredentials
    ) async -> ControlReply? {
        guard peer.mayControl else {
            logger.warning(
                "Refused a control connection.", metadata: ["uid": "\(peer.user)", "pid": "\(peer.process)"])
            // A socket that is closed before its request was read breaks the client's send, and the reply is lost. What
            // the request says, or that it does not arrive, changes nothing.
            _ = try? await withDeadline(arrivalDeadline) {
                var iterator = lines.makeAsyncIterator()
                return try await iterator.next()
            }
            return .failure(.forbidden)
        }
        do {
            let line = try await withDeadline(arrivalDeadline) {
                var iterator = lines.makeAsyncIterator()
                return try await iterator.next()
            }
            guard let line else { return nil }
            return try await withDeadline(deadline) { try await handler(request(in: line)) }
        } catch let error as ControlError {
            return .failure(error)
        } catch is DeadlineExceeded {
            return .failure(.timeout)
        } catch is ControlLineDecoder.LineTooLong {
            return .failure(.requestTooLarge)
        } catch is ControlLineDecoder.LineIncomplete {
            return .failure(.invalidRequest)
        } catch {
            logger.error("A control command failed.", metadata: ["error": "\(error)"])
            return .failure(.internalError)
        }
    }

    private var arrivalDeadline: Duration { min(deadline, Self.arrivalDeadline) }

    private func request(in line: ByteBuffer) throws(ControlError) -> ControlRequest {
        do {
            return try ControlLine.decode(ControlRequest.self, from: line)
        } catch let error as ControlError {
            throw error
        } catch {
            throw .invalidRequest
        }
    }
}
