/// The time limit of an operation has passed.
package struct DeadlineExceeded: Error {}

/// Runs `body`, and cancels it and throws `DeadlineExceeded` if it takes longer than `limit`.
package func withDeadline<Result: Sendable>(
    _ limit: Duration, _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Result.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: limit)  // reason: this sleep is the deadline itself
            throw DeadlineExceeded()
        }
        defer { group.cancelAll() }
        guard let first = try await group.next() else { throw CancellationError() }
        return first
    }
}
