import Synchronization

/// The routing that new requests are decided by now, for readers outside the event loops.
public final class LiveRouting: Sendable {
    private let snapshot = Mutex(RoutingSnapshot.empty)

    public init() {}

    /// The snapshot of the last `replace`; `.empty` before the first.
    public var current: RoutingSnapshot { snapshot.withLock(\.self) }

    /// Replaces the snapshot as a whole.
    public func replace(_ snapshot: RoutingSnapshot) {
        self.snapshot.withLock { $0 = snapshot }
    }
}
