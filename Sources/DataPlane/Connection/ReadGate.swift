/// Decides whether to read more from a client, as a value.
///
/// The gateway does not read from a client that does not read its responses, or while its key is looked up.
package struct ReadGate: Sendable {
    private var isPaused = false
    private var hasPendingRead = false

    package init() {}

    /// The channel wants to read; returns false to defer the read.
    package mutating func read(isWritable: Bool) -> Bool {
        guard isPaused || !isWritable else { return true }
        hasPendingRead = true
        return false
    }

    package mutating func pause() {
        isPaused = true
    }

    package mutating func resume() {
        isPaused = false
    }

    /// Whether a deferred read is due.
    package mutating func takePendingRead(isWritable: Bool) -> Bool {
        guard hasPendingRead, !isPaused, isWritable else { return false }
        hasPendingRead = false
        return true
    }
}
