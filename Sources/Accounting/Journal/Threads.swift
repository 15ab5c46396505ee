import Dispatch
import Foundation

/// A thread of the journal: its work blocks on the disk, so it must not have a thread of a pool.
final class JournalThread: Sendable {
    private let ended = DispatchGroup()

    init(_ name: String, _ body: @escaping @Sendable () -> Void) {
        ended.enter()
        let thread = Thread { [ended] in
            body()
            ended.leave()
        }
        thread.name = name
        thread.start()
    }

    /// Waits for the end of the thread, which must have been asked to end. Blocks.
    func join(within limit: DispatchTimeInterval) {
        _ = ended.wait(timeout: .now() + limit)
    }
}
