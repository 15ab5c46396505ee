import Database
import GatewayCore

extension StoreReader {
    /// Every model by id, retired ones too. All of them are read with three statements.
    public func models() throws -> [ModelRecord] {
        try models(where: "", [])
    }

    /// The model with this id, a retired one too; nil if there is none.
    public func model(id: String) throws -> ModelRecord? {
        try models(where: "WHERE m.id = $1", [.text(id)]).first
    }

    private func models(where condition: String, _ arguments: [SQLValue]) throws -> [ModelRecord] {
        var tags: [String: Set<String>] = [:]
        let tagRows = try connection.query(
            "SELECT t.model_id, t.tag FROM model_tags t JOIN models m ON m.id = t.model_id \(condition)", arguments)
        for row in tagRows { tags[try row.text("model_id"), default: []].insert(try row.text("tag")) }
        var routes: [String: [RouteDefinition]] = [:]
        let routeRows = try connection.query(
            """
            SELECT r.model_id, r.provider_id, r.upstream_model, r.priority, r.weight, r.is_enabled, r.options
            FROM routes r JOIN models m ON m.id = r.model_id \(condition) ORDER BY r.model_id, r.position
            """, arguments)
        for row in routeRows { routes[try row.text("model_id"), default: []].append(try Self.route(row)) }
        return try connection.query(
            """
            SELECT m.id, m.description, m.rank, m.alias_of, m.managed_by, m.version, m.retired_at FROM models m
            \(condition) ORDER BY m.id
            """, arguments
        ).map { row in
            let id = try row.text("id")
            return ModelRecord(
                definition: ModelDefinition(
                    id: id, description: try row.optionalText("description"), tags: tags[id] ?? [],
                    rank: Int(try row.int64("rank")), aliasOf: try row.optionalText("alias_of"),
                    routes: routes[id] ?? []),
                managedBy: try row.enumValue("managed_by"), version: try row.int64("version"),
                isRetired: try row.optionalInt64("retired_at") != nil)
        }
    }

    private static func route(_ row: Row) throws -> RouteDefinition {
        RouteDefinition(
            provider: try row.text("provider_id"), upstreamModel: try row.text("upstream_model"),
            priority: Int(try row.int64("priority")), weight: try row.double("weight"),
            isEnabled: try row.bool("is_enabled"), options: try row.text("options"))
    }
}
