import Database
public import GatewayCore

/// The responses that providers keep. They are no policy: nothing is audited, and gateways need not hear of them.
///
/// Throws as `GatewayStore` does.
public struct StoredResponseStore: Sendable {
    /// OpenAI keeps responses for 30 days (https://platform.openai.com/docs/guides/your-data).
    private static let keptFor: Int64 = 30 * 86_400_000_000

    private let store: GatewayStore

    init(_ store: GatewayStore) {
        self.store = store
    }

    /// The response with this id; nil if it is not known.
    public func find(id: String) async throws -> StoredResponse? {
        try await store.read(within: GatewayStore.shortLimit) { reader in
            let row = try reader.connection.query(
                "SELECT owner, route_id, provider_id FROM stored_responses WHERE id = $1", [.text(id)]
            ).first
            guard let row, let owner = KeyOwner(try row.text("owner")) else { return nil }
            return StoredResponse(
                id: id, owner: owner, route: try row.text("route_id"), provider: try row.text("provider_id"))
        }
    }

    /// Records whose a response is. The first owner of an id stays: no provider gives one twice, but some let callers
    /// choose it.
    /// - Returns: whether the response is now known as that owner's.
    public func record(_ response: StoredResponse) async throws -> Bool {
        try await store.write(within: GatewayStore.shortLimit) { connection in
            let written = try connection.execute(
                """
                INSERT INTO stored_responses (id, owner, route_id, provider_id, created_at)
                VALUES ($1, $2, $3, $4, \(connection.dialect.now)) ON CONFLICT (id) DO NOTHING
                """,
                [
                    .text(response.id), .text(response.owner.text), .text(response.route), .text(response.provider),
                ])
            guard written == 0 else { return true }
            let row = try connection.query("SELECT owner FROM stored_responses WHERE id = $1", [.text(response.id)])
                .first
            return try row?.text("owner") == response.owner.text
        }
    }

    /// Deletes the responses that the providers have deleted. To be done each hour.
    public func deleteOld() async throws {
        _ = try await store.write { connection in
            try connection.execute(
                "DELETE FROM stored_responses WHERE created_at < \(connection.dialect.now) - $1", [.int64(Self.keptFor)]
            )
        }
    }
}
