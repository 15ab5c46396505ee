package import NIOCore

/// Whether a client takes what it is sent, as a value.
package struct WriteProgress: Sendable {
    /// What the client had not taken when that was last measured.
    package private(set) var unsentBytes = 0
    /// When the client last took something.
    package private(set) var movedAt: NIODeadline

    package init(now: NIODeadline) {
        movedAt = now
    }

    /// - Parameter unsent: bytes that were written and that the kernel has not taken.
    package mutating func measure(_ unsent: Int, now: NIODeadline) {
        if unsent != unsentBytes { movedAt = now }
        unsentBytes = unsent
    }

    /// The client has begun to be slow just now.
    package mutating func restart(now: NIODeadline) {
        movedAt = now
    }

    package mutating func reset() {
        unsentBytes = 0
    }

    /// Whether the client has taken nothing for `limit`.
    package func isStalled(now: NIODeadline, limit: TimeAmount) -> Bool {
        now - movedAt >= limit
    }
}
