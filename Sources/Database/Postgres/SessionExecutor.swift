import Dispatch

/// Runs one actor's work on a dispatch queue of its own, where libpq may block without holding one of Swift's few
/// threads.
final class SessionExecutor: SerialExecutor {
    private let queue = DispatchQueue(label: "postgres")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}
