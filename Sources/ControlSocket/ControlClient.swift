import GatewayCore
import Glibc
import NIOCore
import NIOPosix

/// Sends commands to the running gateway, from another process.
public struct ControlClient: Sendable {
    /// The time limit from connecting to the complete reply.
    public static let defaultTimeout = Duration.seconds(5)

    private let path: String
    private let timeout: Duration

    /// - Parameter path: the gateway's `server.control_socket`.
    public init(path: String, timeout: Duration = defaultTimeout) {
        self.path = path
        self.timeout = timeout
    }

    /// Sends one request and waits for its reply, which may be a refusal.
    ///
    /// - Throws: `ControlClientError`; `.notListening` means that no gateway is running, so the command may use the
    ///   database instead.
    public func send(_ request: ControlRequest) async throws -> ControlReply {
        guard path.utf8.count <= UnixSocketAddress.maxPathBytes else { throw ControlClientError.notListening }
        do {
            return try await withDeadline(timeout) { try await exchange(request) }
        } catch is DeadlineExceeded {
            throw ControlClientError.timeout
        } catch is DecodingError {
            throw ControlClientError.invalidReply
        } catch is ControlLineDecoder.LineTooLong {
            throw ControlClientError.invalidReply
        } catch is ControlLineDecoder.LineIncomplete {
            throw ControlClientError.noReply
        } catch let error as IOError {
            throw ControlClientError(error)
        }
    }

    private func exchange(_ request: ControlRequest) async throws -> ControlReply {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(unixDomainSocketPath: path) { channel in
                channel.eventLoop.makeCompletedFuture { try ControlChannel(wrapping: channel) }
            }
        return try await channel.executeThenClose { lines, _ in
            try await channel.send(request)
            for try await line in lines {
                return try ControlLine.decode(ControlReply.self, from: line)
            }
            throw ControlClientError.noReply
        }
    }
}
