import Synchronization

/// What all event loops together are carrying, held against the limits.
final class ServerLoad: Sendable {
    private let connections = Atomic<Int>(0)
    private let requests = Atomic<Int>(0)
    private let controlPlaneRequests = Atomic<Int>(0)
    private let bodyBytes = Atomic<Int>(0)
    private let maxRequests: Int
    private let maxControlPlaneRequests: Int
    private let maxBodyBytes: Int

    init(maxRequests: Int, maxControlPlaneRequests: Int, maxBodyBytes: Int) {
        self.maxRequests = maxRequests
        self.maxControlPlaneRequests = maxControlPlaneRequests
        self.maxBodyBytes = maxBodyBytes
    }

    /// Whether any client is connected.
    var hasConnections: Bool { connections.load(ordering: .relaxed) > 0 }

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
