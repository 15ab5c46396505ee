import NIOCore
import NIOPosix

/// Lends a port of 127.0.0.1 at which nobody listens, and which nobody else can take meanwhile: it is in use, as the near end
/// of a connection.
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
