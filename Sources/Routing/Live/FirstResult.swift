import GatewayCore

/// A task has not ended within its time.
struct NoAnswer: Error, CustomStringConvertible {
    let limit: Duration

    var description: String { "The database has not answered within \(limit)." }
}

/// Waits for `task` for some time. It is not cancelled when the time is over, or when the waiting task is cancelled.
/// - Throws: `NoAnswer`, `CancellationError`.
func firstResult<Value: Sendable>(
    of task: Task<Value, any Error>, within limit: Duration
) async throws -> Result<Value, any Error> {
    let answer = FirstAnswer<Result<Value, any Error>>()
    Task { answer.give(.success(await task.result)) }  // reason: it must not be waited for when the time is over
    let timer = Task {  // reason: nor must the timer, when the answer has come
        try await Task.sleep(for: limit)  // reason: the time limit
        answer.give(.failure(NoAnswer(limit: limit)))
    }
    defer { timer.cancel() }
    return try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { answer.wait($0) }
    } onCancel: {
        answer.give(.failure(CancellationError()))
    }
}
