import Dispatch

/// Runs work that blocks, or that occupies a processor for long, on a thread outside Swift's pool.
///
/// - Throws: what `body` throws; `CancellationError` as soon as the task is cancelled: `body` goes on then, and its
///   result is dropped.
package func runBlocking<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    let answer = FirstAnswer<Result>()
    return try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { continuation in
            answer.wait(continuation)
            DispatchQueue.global().async { answer.give(Swift.Result { try body() }) }
        }
    } onCancel: {
        answer.give(.failure(CancellationError()))
    }
}
