package import NIOCore

/// Tracks whether a client reads, as a value.
package struct WriteProgress: Sendable {
    /// The unsent bytes at the last measurement.
    package private(set) var unsentBytes = 0
    /// When the client last read bytes.
    package private(set) var movedAt: NIODeadline

    package init(now: NIODeadline) {
        movedAt = now
    }

    /// - Parameter unsent: written bytes that the kernel has not accepted.
    package mutating func measure(_ unsent: Int, now: NIODeadline) {
        if unsent != unsentBytes { movedAt = now }
        unsentBytes = unsent
    }

    /// The client has become slow just now.
    package mutating func restart(now: NIODeadline) {
        movedAt = now
    }

    package mutating func reset() {
        unsentBytes = 0
    }

    /// Whether the client has read nothing for `limit`.
    package func isStalled(now: NIODeadline, limit: TimeAmount) -> Bool {
        now - movedAt >= limit
    }
}
