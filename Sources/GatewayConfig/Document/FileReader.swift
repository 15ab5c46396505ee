import Dispatch
import Foundation
import Synchronization

/// Reads the files of one load of the configuration, within one time limit for all of them.
///
/// A file on a network mount whose server is gone blocks its reader for ever, and no signal wakes it. So each file is
/// read on a thread of its own, which is abandoned when the time is over.
struct FileReader: Sendable {
    /// The size limit of a file that a reference names: a secret, or a bundle of certificates.
    static let maxValueBytes = 1 << 20

    /// Paths whose reading has been abandoned and still blocks its thread. They are not read again until it ends, so
    /// that a mount that hangs costs one thread for each file, however often the configuration is loaded.
    private static let hanging = Mutex<Set<String>>([])

    private let deadline: DispatchTime

    /// - Parameter seconds: for all files.
    init(seconds: Double = 5) {
        deadline = .now() + seconds
    }

    /// - Throws: `FileText.Failure` if the file cannot be read, or not in time.
    func read(_ path: String, maxBytes: Int) throws(FileText.Failure) -> String {
        guard !Self.hanging.withLock({ $0.contains(path) }) else { throw .hangs }
        let reading = Reading()
        let thread = Thread {
            let result = Result { () throws(FileText.Failure) in try FileText.read(path, maxBytes: maxBytes) }
            if reading.finish(result) == .abandoned { Self.hanging.withLock { _ = $0.remove(path) } }
        }
        thread.name = "file reader"
        thread.start()
        guard let result = reading.result(by: deadline, onAbandon: { Self.hanging.withLock { _ = $0.insert(path) } })
        else { throw .hangs }
        return try result.get()
    }
}

/// The hand-over between a reading thread and the one that waits for it.
private final class Reading: Sendable {
    enum State {
        case running
        case finished(Result<String, FileText.Failure>)
        case abandoned
    }

    enum End { case taken, abandoned }

    private let state = Mutex(State.running)
    private let isFinished = DispatchSemaphore(value: 0)

    /// Called by the reading thread, once.
    func finish(_ result: Result<String, FileText.Failure>) -> End {
        let end = state.withLock { state in
            if case .abandoned = state { return End.abandoned }
            state = .finished(result)
            return End.taken
        }
        isFinished.signal()
        return end
    }

    /// Nil if the result has not come by `deadline`; the reading is abandoned then.
    func result(by deadline: DispatchTime, onAbandon: () -> Void) -> Result<String, FileText.Failure>? {
        _ = isFinished.wait(timeout: deadline)
        return state.withLock { state in
            if case .finished(let result) = state { return result }
            // Under the lock, so that the reading thread cannot end in between.
            onAbandon()
            state = .abandoned
            return nil
        }
    }
}

extension FileText.Failure {
    fileprivate static let hangs = FileText.Failure(
        hint: "could not be read in time; check its disk or network mount", isTimeout: true)
}
