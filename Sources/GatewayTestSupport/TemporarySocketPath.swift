import Foundation

/// Provides a path for a Unix domain socket, short enough for one, and removes the socket afterwards.
@discardableResult
public func withTemporarySocketPath<Result: Sendable>(
    _ body: (String) async throws -> Result
) async throws -> Result {
    let path = FileManager.default.temporaryDirectory.appending(path: "s\(UInt64.random(in: 0 ... .max)).sock").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(path)
}
