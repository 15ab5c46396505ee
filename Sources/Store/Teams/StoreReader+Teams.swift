import Database

extension StoreReader {
    /// Every team by key, the reserved one of seeded keys too.
    public func teams() throws -> [TeamRecord] {
        try teams(where: "", [])
    }

    /// The team with this key; nil if there is none.
    public func team(key: String) throws -> TeamRecord? {
        try teams(where: "WHERE key = $1", [.text(key)]).first
    }

    private func teams(where condition: String, _ arguments: [SQLValue]) throws -> [TeamRecord] {
        let models = try GrantTable.team.listed(
            owners: "SELECT id FROM teams \(condition)", arguments, on: connection)
        return try connection.query(
            "SELECT id, key, name, status, all_models, managed_by, version FROM teams \(condition) ORDER BY key",
            arguments
        ).map { row in
            let id = try row.text("id")
            return TeamRecord(
                id: id,
                definition: TeamDefinition(
                    key: try row.text("key"), name: try row.text("name"),
                    allowedModels: GrantTable.grant(hasAll: try row.bool("all_models"), id: id, listed: models)),
                isActive: try row.text("status") == "active", managedBy: try row.enumValue("managed_by"),
                version: try row.int64("version"))
        }
    }
}
