public import Logging
public import Store

/// Makes this gateway known to the others by heartbeats, and warns of others with another configuration file.
public struct ReplicaService: Sendable {
    /// A gateway without a heartbeat for longer does not count as running; microseconds.
    private static let silence: Int64 = 60_000_000

    private let replicas: ReplicaStore
    private let describe: @Sendable () async -> ReplicaDescription
    private let isDraining: @Sendable () -> Bool
    private let interval: Duration
    private let logger: Logger

    /// - Parameters:
    ///   - describe: this gateway, as it is now.
    ///   - isDraining: whether the gateway is stopping.
    ///   - interval: between two heartbeats.
    public init(
        _ store: GatewayStore, describe: @escaping @Sendable () async -> ReplicaDescription,
        isDraining: @escaping @Sendable () -> Bool, interval: Duration = .seconds(10), logger: Logger
    ) {
        replicas = store.replicas
        self.describe = describe
        self.isDraining = isDraining
        self.interval = interval
        self.logger = logger
    }

    /// Sends heartbeats until the task is cancelled, and then reports the stop.
    public func run() async {
        var others: Set<String> = []
        while !Task.isCancelled {
            // The watch logs why the database is unreachable.
            try? await sendHeartbeat(isDraining() ? .draining : .serving)
            if let found = try? await othersWithAnotherFile(), found != others {
                if !found.subtracting(others).isEmpty {
                    logger.warning(
                        "Gateways with another configuration file use this database; the file that was loaded last is in effect.",
                        metadata: ["gateways": "\(found.sorted().joined(separator: ", "))"])
                }
                others = found
            }
            try? await Task.sleep(for: interval)  // reason: the interval of heartbeats; cancelling ends it
        }
        // A new task, because this one is cancelled.
        await Task { try? await sendHeartbeat(.stopped) }.value  // reason: the last report of a cancelled task
    }

    private func sendHeartbeat(_ status: ReplicaStatus) async throws {
        try await replicas.sendHeartbeat(await describe(), status: status)
    }

    private func othersWithAnotherFile() async throws -> Set<String> {
        let mine = await describe()
        let others = try await replicas.list().filter { other in
            other.description.id != mine.id && other.status == .serving && other.silentFor < Self.silence
                && other.description.configurationHash != mine.configurationHash
        }
        return Set(others.map { "\($0.description.host):\($0.description.processID)" })
    }
}
