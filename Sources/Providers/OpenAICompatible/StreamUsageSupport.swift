import Synchronization

/// Whether a provider takes the `stream_options` with which the gateway asks for the usage of a stream: assumed, until
/// it refuses them. Shared by all event loops; learnt again with each configuration.
final class StreamUsageSupport: Sendable {
    private let refused = Atomic(false)

    /// Whether the gateway may ask.
    var isAssumed: Bool { !refused.load(ordering: .relaxed) }

    /// The provider has refused it.
    func recordRefusal() {
        refused.store(true, ordering: .relaxed)
    }
}
