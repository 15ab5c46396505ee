import ControlSocket
import Foundation
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// Runs `body` with the path of an empty folder, which is deleted afterwards. It is short, because a socket's path must
/// be.
func withTemporaryFolder(_ body: (String) async throws -> Void) async throws {
    let folder = "/tmp/sluice-\(UInt32.random(in: 0...(.max)))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await body(folder)
}

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// Answers with the request's own arguments.
let echo: ControlServer.Handler = { request in .success(.object(request.arguments)) }

/// Runs a server on `path` while `body` runs.
func withServer(
    _ path: String, deadline: Duration = ControlServer.defaultDeadline, handler: @escaping ControlServer.Handler = echo,
    _ body: (ControlClient) async throws -> Void
) async throws {
    let server = try ControlServer(path: path, deadline: deadline, logger: quiet, handler: handler)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await server.run() }
        try await body(ControlClient(path: path, timeout: .seconds(25)))
        group.cancelAll()
        // A cancelled server may end with CancellationError.
        _ = await group.nextResult()
    }
}

/// Sends bytes unchanged, and returns all received bytes until the server closes.
func exchange(_ path: String, _ text: String, thenEnds: Bool = false) async throws -> String {
    try await exchange(path, ByteBuffer(string: text), thenEnds: thenEnds)
}

/// Sends bytes unchanged, and returns all received bytes until the server closes.
///
/// - Parameter thenEnds: whether the client ends its side of the connection after that, as `nc -N` does.
func exchange(_ path: String, _ bytes: ByteBuffer, thenEnds: Bool = false) async throws -> String {
    let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        .connect(unixDomainSocketPath: path) { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                    wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
            }
        }
    return try await channel.executeThenClose { inbound, outbound in
        try await outbound.write(bytes)
        if thenEnds { outbound.finish() }
        var reply = ""
        for try await part in inbound { reply += String(buffer: part) }
        return reply
    }
}
