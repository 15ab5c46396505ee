import NIOCore
import NIOPosix

/// Runs `body` with a port of 127.0.0.1 on which no process listens, and which no other process can take meanwhile: it
/// is in use, as the local end of a connection.
public func withPortWithoutListener<Result: Sendable>(_ body: (Int) async throws -> Result) async throws -> Result {
    try await withFakeUpstream(script: []) { upstream in
        let connection = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: upstream.port).get()
        let result: Swift.Result<Result, any Error>
        do { result = .success(try await body(connection.localAddress?.port ?? 0)) } catch { result = .failure(error) }
        try await connection.close()
        return try result.get()
    }
}
