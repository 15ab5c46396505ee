import Database
import GatewayCore

/// The tables that list the models of each key, team or user that may not have all of them. They have one shape.
enum GrantTable {
    case key, team, user

    /// The grant of the row `id`, of which `hasAll` was read; `listed` is what `listed` returned.
    static func grant(hasAll: Bool, id: String, listed: [String: Set<String>]) -> ModelGrant {
        hasAll ? .all : .listed(listed[id] ?? [])
    }

    /// The listed models, by the id of whose they are, of those whose ids the query `owners` gives.
    func listed(
        owners: String, _ arguments: [SQLValue], on connection: any Connection
    ) throws(DatabaseError) -> [String: Set<String>] {
        let rows = try connection.query(
            "SELECT \(column) AS owner, model_id FROM \(table) WHERE \(column) IN (\(owners))", arguments)
        var models: [String: Set<String>] = [:]
        for row in rows {
            models[try row.text("owner"), default: []].insert(try row.text("model_id"))
        }
        return models
    }

    /// Lists the models of `grant` for `id`, in place of those that were listed.
    func replace(of id: String, with grant: ModelGrant, on connection: any Connection) throws(DatabaseError) {
        try connection.execute("DELETE FROM \(table) WHERE \(column) = $1", [.text(id)])
        guard case .listed(let models) = grant else { return }
        for model in models.sorted() {
            try connection.execute(
                "INSERT INTO \(table) (\(column), model_id) VALUES ($1, $2)", [.text(id), .text(model)])
        }
    }

    private var table: String {
        switch self {
        case .key: "api_key_grants"
        case .team: "team_models"
        case .user: "user_models"
        }
    }

    private var column: String {
        switch self {
        case .key: "key_id"
        case .team: "team_id"
        case .user: "user_id"
        }
    }
}

extension ModelGrant {
    /// What the column `all_models` holds.
    var allModels: SQLValue { .int64(self == .all ? 1 : 0) }

    /// The models for the audit trail: sorted, nil for all.
    var audited: [String]? {
        if case .listed(let models) = self { models.sorted() } else { nil }
    }
}
