import Database
public import GatewayCore

extension StoreTransaction {
    /// Writes a provider as it is said to be: adds it, changes it, or brings back a retired one. Changes nothing if it
    /// is so.
    ///
    /// - Parameter version: the version that the stored one has to have; nil for any, or none.
    /// - Throws: `StoreError.stale`.
    @discardableResult
    public func putProvider(
        _ definition: ProviderDefinition, expecting version: Int64?, managedBy manager: ManagedBy
    ) throws -> ProviderRecord {
        let before = try reader.provider(id: definition.id)
        try expect(version, of: before)
        if let before, before.definition == definition, before.managedBy == manager, !before.isRetired { return before }
        try connection.execute(
            """
            INSERT INTO providers (id, settings, managed_by, version, created_at, updated_at) VALUES ($1, $2, $3, 1, $4, $4)
            ON CONFLICT (id) DO UPDATE SET settings = excluded.settings, managed_by = excluded.managed_by,
                version = providers.version + 1, updated_at = excluded.updated_at, retired_at = NULL
            """,
            [.text(definition.id), .text(definition.settings), .text(manager.rawValue), .int64(now)])
        return try recordProviderChange(
            before == nil ? "provider.create" : "provider.update", before, id: definition.id)
    }

    /// Makes a provider invisible; its history stays. Changes nothing if it is so.
    ///
    /// - Parameter version: the version that the provider has to have; nil for any.
    /// - Throws: `StoreError.stale`.
    public func retireProvider(_ provider: ProviderRecord, expecting version: Int64?) throws {
        let provider = try current(provider, expecting: version) { try reader.provider(id: provider.definition.id) }
        guard !provider.isRetired else { return }
        try connection.execute(
            "UPDATE providers SET retired_at = $2, version = version + 1, updated_at = $2 WHERE id = $1",
            [.text(provider.definition.id), .int64(now)])
        try recordProviderChange("provider.retire", provider, id: provider.definition.id)
    }

    @discardableResult
    private func recordProviderChange(_ action: String, _ before: ProviderRecord?, id: String) throws -> ProviderRecord
    {
        guard let after = try reader.provider(id: id) else {
            throw DatabaseError.unexpectedValue(column: "id", reason: "the changed provider is gone")
        }
        try recordChange(
            action, subject: id, before: before.map(ProviderAuditState.init), after: ProviderAuditState(after),
            concerns: .routing)
        return after
    }
}
