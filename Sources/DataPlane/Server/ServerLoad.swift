import Synchronization

/// What all event loops together are carrying, held against the limits.
final class ServerLoad: Sendable {
    /// Requests that wait for the look-up of a key that was not seen before, over all event loops.
    private static let maxWaitingStrangers = 256
    /// Queries for such keys at once: less than makes a database slow for the others.
    private static let maxStrangerQueries = 16

    private let connections = Atomic<Int>(0)
    private let requests = Atomic<Int>(0)
    private let controlPlaneRequests = Atomic<Int>(0)
    private let bodyBytes = Atomic<Int>(0)
    private let waitingStrangers = Atomic<Int>(0)
    private let strangerQueries = Atomic<Int>(0)
    private let maxConnections: Int
    private let maxRequests: Int
    private let maxControlPlaneRequests: Int
    private let maxBodyBytes: Int

    init(_ settings: DataPlaneSettings) {
        maxConnections = settings.maxConnections
        maxRequests = settings.maxConcurrentRequests
        maxControlPlaneRequests = settings.maxControlPlaneRequests
        maxBodyBytes = settings.maxBufferedBodyBytes
    }

    /// Whether any client is connected.
    var hasConnections: Bool { connections.load(ordering: .relaxed) > 0 }

    /// Whether there is room for another client.
    var hasRoomForConnection: Bool { connections.load(ordering: .relaxed) < maxConnections }

    /// Whether one more is bearable until another event loop has made room.
    var canExceedConnections: Bool { connections.load(ordering: .relaxed) <= maxConnections + maxConnections / 8 }

    var exceedsConnections: Bool { connections.load(ordering: .relaxed) > maxConnections }

    func connect() {
        connections.wrappingAdd(1, ordering: .relaxed)
    }

    func disconnect() {
        connections.wrappingSubtract(1, ordering: .relaxed)
    }

    /// Counts a request in; false, and not counted, if there are too many.
    func enter() -> Bool {
        guard requests.wrappingAdd(1, ordering: .relaxed).newValue > maxRequests else { return true }
        leave()
        return false
    }

    func leave() {
        requests.wrappingSubtract(1, ordering: .relaxed)
    }

    /// Counts a request to the control plane in; false, and not counted, if there are too many.
    func enterControlPlane() -> Bool {
        guard controlPlaneRequests.wrappingAdd(1, ordering: .relaxed).newValue > maxControlPlaneRequests else {
            return true
        }
        leaveControlPlane()
        return false
    }

    func leaveControlPlane() {
        controlPlaneRequests.wrappingSubtract(1, ordering: .relaxed)
    }

    /// Counts a request with a key that was not seen before in; false, and not counted, if there are too many.
    func enterWaitingStranger() -> Bool {
        guard waitingStrangers.wrappingAdd(1, ordering: .relaxed).newValue > Self.maxWaitingStrangers else {
            return true
        }
        leaveWaitingStranger()
        return false
    }

    func leaveWaitingStranger() {
        waitingStrangers.wrappingSubtract(1, ordering: .relaxed)
    }

    /// Counts a query for a key that was not seen before in; false, and not counted, if there are too many.
    func enterStrangerQuery() -> Bool {
        guard strangerQueries.wrappingAdd(1, ordering: .relaxed).newValue > Self.maxStrangerQueries else { return true }
        leaveStrangerQuery()
        return false
    }

    func leaveStrangerQuery() {
        strangerQueries.wrappingSubtract(1, ordering: .relaxed)
    }

    /// Counts buffered bytes in; false, and not counted, if there are too many.
    func reserve(_ bytes: Int) -> Bool {
        guard bodyBytes.wrappingAdd(bytes, ordering: .relaxed).newValue > maxBodyBytes else { return true }
        release(bytes)
        return false
    }

    func release(_ bytes: Int) {
        bodyBytes.wrappingSubtract(bytes, ordering: .relaxed)
    }
}
