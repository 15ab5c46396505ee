import Database

extension StoreTransaction {
    /// Adds an active team.
    /// - Throws: `StoreError.duplicateTeam` if there is one with its key.
    @discardableResult
    public func createTeam(_ definition: TeamDefinition, managedBy manager: ManagedBy) throws -> TeamRecord {
        let id = newID()
        do {
            try connection.execute(
                """
                INSERT INTO teams (id, key, name, status, all_models, managed_by, version, created_at, updated_at)
                VALUES ($1, $2, $3, 'active', $4, $5, 1, $6, $6)
                """,
                [
                    .text(id), .text(definition.key), .text(definition.name), definition.allowedModels.allModels,
                    .text(manager.rawValue), .int64(now),
                ])
        } catch DatabaseError.constraint("teams_key_key") {
            throw StoreError.duplicateTeam(definition.key)
        }
        try GrantTable.team.replace(of: id, with: definition.allowedModels, on: connection)
        return try recordTeamChange("team.create", before: nil, key: definition.key)
    }

    /// Gives a team the name, models and manager, in place of its own; its key stays. Changes nothing if it has them.
    ///
    /// - Parameter version: the version that the team has to have; nil for any.
    /// - Throws: `StoreError.stale`.
    @discardableResult
    public func changeTeam(
        _ team: TeamRecord, expecting version: Int64?, to definition: TeamDefinition, managedBy manager: ManagedBy
    ) throws -> TeamRecord {
        let team = try current(team, expecting: version) { try reader.team(key: team.definition.key) }
        guard team.definition != definition || team.managedBy != manager else { return team }
        try connection.execute(
            """
            UPDATE teams SET name = $2, all_models = $3, managed_by = $4, version = version + 1, updated_at = $5
            WHERE id = $1
            """,
            [
                .text(team.id), .text(definition.name), definition.allowedModels.allModels, .text(manager.rawValue),
                .int64(now),
            ])
        if team.definition.allowedModels != definition.allowedModels {
            try GrantTable.team.replace(of: team.id, with: definition.allowedModels, on: connection)
        }
        return try recordTeamChange("team.update", before: team, key: team.definition.key)
    }

    private func recordTeamChange(_ action: String, before: TeamRecord?, key: String) throws -> TeamRecord {
        guard let after = try reader.team(key: key) else {
            throw DatabaseError.unexpectedValue(column: "key", reason: "the changed team is gone")
        }
        try recordChange(
            action, subject: after.id, before: before.map(TeamAuditState.init), after: TeamAuditState(after))
        return after
    }
}
