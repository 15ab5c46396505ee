import Synchronization

/// What the writer of an event loop and the threads of the journal share, without a lock.
final class WriterChannel: Sendable {
    let loop: UInt32
    let shared: JournalShared
    /// The segment that is prepared ahead.
    private let spare = Atomic<Unmanaged<JournalSegment>?>(nil)
    /// Whether requests wait for the disk (`each`).
    let hasWaiters = Atomic(false)
    /// Called from a thread after a sync: completes what waits, on the loop.
    let onSync: @Sendable ((any Error)?) -> Void

    init(loop: UInt32, shared: JournalShared, onSync: @escaping @Sendable ((any Error)?) -> Void) {
        self.loop = loop
        self.shared = shared
        self.onSync = onSync
    }

    deinit {
        takeSpare(wakes: false).map { _ in }
    }

    var hasSpare: Bool { spare.load(ordering: .relaxed) != nil }

    /// From the thread that prepares segments, only while there is no spare.
    func offer(_ segment: JournalSegment) {
        let former = spare.exchange(.passRetained(segment), ordering: .acquiringAndReleasing)
        former?.release()
    }

    /// From the loop. The next one is prepared meanwhile.
    func takeSpare(wakes: Bool = true) -> JournalSegment? {
        guard let taken = spare.exchange(nil, ordering: .acquiringAndReleasing) else { return nil }
        if wakes { shared.wakeKeeper() }
        return taken.takeRetainedValue()
    }
}
