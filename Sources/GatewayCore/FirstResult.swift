/// A task has not ended within its time.
package struct NoResult: Error {
    package let limit: Duration
}

/// Waits for `task` for some time. It is not cancelled when the time is over, or when the waiting task is cancelled.
/// - Throws: `NoResult`, `CancellationError`.
package func firstResult<Value: Sendable, Failure: Error>(
    of task: Task<Value, Failure>, within limit: Duration
) async throws -> Result<Value, Failure> {
    let answer = FirstAnswer<Result<Value, Failure>>()
    Task { answer.give(.success(await task.result)) }  // reason: it must not be waited for when the time is over
    let timer = Task {  // reason: nor must the timer, when the answer has come
        try await Task.sleep(for: limit)  // reason: the time limit
        answer.give(.failure(NoResult(limit: limit)))
    }
    defer { timer.cancel() }
    return try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { answer.wait($0) }
    } onCancel: {
        answer.give(.failure(CancellationError()))
    }
}
