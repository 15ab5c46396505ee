/// Decides whether more is read from a client, as a value.
///
/// Nothing is read from a client that does not take its responses, however many it asks for in a row, nor while its key is looked up.
package struct ReadGate: Sendable {
    private var isPaused = false
    private var hasPendingRead = false

    package init() {}

    /// The channel wants to read; false if the read is to wait.
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

    /// Whether a read that was made to wait is due.
    package mutating func takePendingRead(isWritable: Bool) -> Bool {
        guard hasPendingRead, !isPaused, isWritable else { return false }
        hasPendingRead = false
        return true
    }
}
