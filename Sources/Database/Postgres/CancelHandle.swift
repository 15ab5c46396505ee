import CLibPQ

/// What the server has to be told to stop the statement of one connection.
final class CancelHandle: @unchecked Sendable {  // reason: PQcancel may be called from any thread; nothing is changed
    private let handle: OpaquePointer

    init?(_ connection: OpaquePointer) {
        guard let handle = PQgetCancel(connection) else { return nil }
        self.handle = handle
    }

    deinit { PQfreeCancel(handle) }

    /// Asks the server, over a connection of its own; blocks until the server has taken note.
    func send() {
        var message = [CChar](repeating: 0, count: 256)
        // A failure is a server that cannot be reached; the statement itself is going to tell that.
        _ = PQcancel(handle, &message, Int32(message.count))
    }
}
