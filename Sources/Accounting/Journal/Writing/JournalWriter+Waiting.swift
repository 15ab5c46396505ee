public import NIOCore
import Synchronization

/// A request that waits until its intent is on the disk.
struct SyncWaiter {
    let segment: JournalSegment
    let end: Int
    let promise: EventLoopPromise<Void>
}

extension JournalWriter {
    /// With `accounting.journal.sync: each`, when the intent of `ticket` is on the disk; nil where requests do not wait
    /// for that. It fails with a `GatewayError` if the disk refuses: the attempt must not be made then, and `cancel`
    /// ends the intent.
    public func synced(_ ticket: JournalTicket) -> EventLoopFuture<Void>? {
        guard channel.shared.sync == .each, let intent = intents[ticket] else { return nil }
        let promise = eventLoop.makePromise(of: Void.self)
        let end = intent.offset + JournalRecord.size(payloadBytes: intent.payloadBytes)
        waiters.append(SyncWaiter(segment: intent.appender.segment, end: end, promise: promise))
        channel.hasWaiters.store(true, ordering: .sequentiallyConsistent)
        channel.shared.requestSync()
        return promise.futureResult
    }

    /// After a sync, on the loop.
    func completeWaiters(_ error: (any Error)?) {
        let waiting = waiters
        waiters = []
        for waiter in waiting {
            if waiter.segment.synced.load(ordering: .acquiring) >= waiter.end {
                waiter.promise.succeed()
            } else if let error {
                waiter.promise.fail(error)
            } else {
                waiters.append(waiter)
            }
        }
        guard !waiters.isEmpty else { return }
        channel.hasWaiters.store(true, ordering: .sequentiallyConsistent)
        channel.shared.requestSync()
    }
}
