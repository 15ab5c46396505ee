import Database
public import GatewayCore

extension StoreTransaction {
    /// Writes a model as it is said to be: adds it, changes it, or brings back a retired one. Changes nothing if it is
    /// so.
    ///
    /// The target of an alias may be written later in the transaction; the providers of its routes have to be there.
    ///
    /// - Parameter version: the version that the stored one has to have; nil for any, or none.
    /// - Throws: `StoreError.stale`.
    @discardableResult
    public func putModel(
        _ definition: ModelDefinition, expecting version: Int64?, managedBy manager: ManagedBy
    ) throws -> ModelRecord {
        let before = try reader.model(id: definition.id)
        try expect(version, of: before)
        if let before, before.definition == definition, before.managedBy == manager, !before.isRetired { return before }
        try connection.execute(
            """
            INSERT INTO models (id, description, rank, alias_of, managed_by, version, created_at, updated_at)
            VALUES ($1, $2, $3, $4, $5, 1, $6, $6)
            ON CONFLICT (id) DO UPDATE SET description = excluded.description, rank = excluded.rank,
                alias_of = excluded.alias_of, managed_by = excluded.managed_by, version = models.version + 1,
                updated_at = excluded.updated_at, retired_at = NULL
            """,
            [
                .text(definition.id), .text(definition.description), .int64(Int64(definition.rank)),
                .text(definition.aliasOf), .text(manager.rawValue), .int64(now),
            ])
        try replaceTags(of: definition, before?.definition.tags ?? [])
        try replaceRoutes(of: definition, before?.definition.routes ?? [])
        return try recordModelChange(before == nil ? "model.create" : "model.update", before, id: definition.id)
    }

    /// Makes a model invisible; its history stays. Changes nothing if it is so.
    ///
    /// - Parameter version: the version that the model has to have; nil for any.
    /// - Throws: `StoreError.stale`.
    public func retireModel(_ model: ModelRecord, expecting version: Int64?) throws {
        let model = try current(model, expecting: version) { try reader.model(id: model.definition.id) }
        guard !model.isRetired else { return }
        try connection.execute(
            "UPDATE models SET retired_at = $2, version = version + 1, updated_at = $2 WHERE id = $1",
            [.text(model.definition.id), .int64(now)])
        try recordModelChange("model.retire", model, id: model.definition.id)
    }

    private func replaceTags(of model: ModelDefinition, _ before: Set<String>) throws {
        guard model.tags != before else { return }
        try connection.execute("DELETE FROM model_tags WHERE model_id = $1", [.text(model.id)])
        for tag in model.tags.sorted() {
            try connection.execute(
                "INSERT INTO model_tags (model_id, tag) VALUES ($1, $2)", [.text(model.id), .text(tag)])
        }
    }

    /// A route that is as it was keeps its version.
    private func replaceRoutes(of model: ModelDefinition, _ before: [RouteDefinition]) throws {
        for (index, route) in model.routes.enumerated() where index >= before.count || before[index] != route {
            try connection.execute(
                """
                INSERT INTO routes (id, model_id, position, provider_id, upstream_model, priority, weight, is_enabled, options,
                    version, created_at, updated_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10, $10)
                ON CONFLICT (id) DO UPDATE SET provider_id = excluded.provider_id, upstream_model = excluded.upstream_model,
                    priority = excluded.priority, weight = excluded.weight, is_enabled = excluded.is_enabled,
                    options = excluded.options, version = routes.version + 1, updated_at = excluded.updated_at
                """,
                [
                    .text("\(model.id)/\(index + 1)"), .text(model.id), .int64(Int64(index + 1)), .text(route.provider),
                    .text(route.upstreamModel), .int64(Int64(route.priority)), .double(route.weight),
                    .int64(route.isEnabled ? 1 : 0), .text(route.options), .int64(now),
                ])
        }
        if before.count > model.routes.count {
            try connection.execute(
                "DELETE FROM routes WHERE model_id = $1 AND position > $2",
                [.text(model.id), .int64(Int64(model.routes.count))])
        }
    }

    @discardableResult
    private func recordModelChange(_ action: String, _ before: ModelRecord?, id: String) throws -> ModelRecord {
        guard let after = try reader.model(id: id) else {
            throw DatabaseError.unexpectedValue(column: "id", reason: "the changed model is gone")
        }
        try recordChange(
            action, subject: id, before: before.map(ModelAuditState.init), after: ModelAuditState(after),
            concerns: .routing)
        return after
    }
}
