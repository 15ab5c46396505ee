import Database
import GatewayCore

/// The running gateways. Their heartbeats are by the database's clock, so that wrong clocks of machines do no harm;
/// they are no changes in the sense of the audit trail.
public struct ReplicaStore: Sendable {
    private static let keptFor: Int64 = 7 * 86_400_000_000

    private let store: GatewayStore

    init(_ store: GatewayStore) {
        self.store = store
    }

    /// Writes that the gateway is alive, and deletes those that have been silent for a week.
    public func sendHeartbeat(_ replica: ReplicaDescription, status: ReplicaStatus) async throws {
        try await store.write(within: GatewayStore.shortLimit) { connection in
            let now = connection.dialect.now
            try connection.execute(
                """
                INSERT INTO replicas (id, host, process_id, gateway_version, configuration_hash, status, started_at, heartbeat_at)
                VALUES ($1, $2, $3, $4, $5, $6, \(now), \(now))
                ON CONFLICT (id) DO UPDATE SET configuration_hash = excluded.configuration_hash, status = excluded.status,
                    heartbeat_at = excluded.heartbeat_at
                """,
                [
                    .text(replica.id), .text(replica.host), .int64(replica.processID), .text(replica.gatewayVersion),
                    .text(replica.configurationHash), .text(status.rawValue),
                ])
            try connection.execute("DELETE FROM replicas WHERE heartbeat_at < \(now) - $1", [.int64(Self.keptFor)])
        }
    }

    /// Every known run, the one that was heard last first.
    public func list() async throws -> [ReplicaRecord] {
        try await store.read(within: GatewayStore.shortLimit) { reader in
            try reader.connection.query(
                """
                SELECT id, host, process_id, gateway_version, configuration_hash, status,
                    \(reader.connection.dialect.now) - heartbeat_at AS silent_for
                FROM replicas ORDER BY heartbeat_at DESC, id
                """
            ).map { row in
                ReplicaRecord(
                    description: ReplicaDescription(
                        id: try row.text("id"), host: try row.text("host"), processID: try row.int64("process_id"),
                        gatewayVersion: try row.text("gateway_version"),
                        configurationHash: try row.text("configuration_hash")),
                    status: try row.enumValue("status"), silentFor: try row.int64("silent_for"))
            }
        }
    }
}
