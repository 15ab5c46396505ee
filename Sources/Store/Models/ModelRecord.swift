public import GatewayCore

/// A stored model with its routes.
public struct ModelRecord: Sendable, Hashable {
    public let definition: ModelDefinition
    /// Who may change it.
    public let managedBy: ManagedBy
    /// Rises with every change, of a route of its too.
    public let version: Int64
    /// A retired one is invisible, and there for history only.
    public let isRetired: Bool
}

/// A model as the audit trail shows it.
struct ModelAuditState: Encodable {
    struct Route: Encodable {
        let provider: String
        let upstreamModel: String
        let priority: Int
        let weight: Double
        let enabled: Bool
        let options: String
    }

    let description: String?
    let tags: [String]
    let rank: Int
    let aliasOf: String?
    let routes: [Route]
    let retired: Bool
    let managedBy: String

    init(_ model: ModelRecord) {
        description = model.definition.description
        tags = model.definition.tags.sorted()
        rank = model.definition.rank
        aliasOf = model.definition.aliasOf
        routes = model.definition.routes.map { route in
            Route(
                provider: route.provider, upstreamModel: route.upstreamModel, priority: route.priority,
                weight: route.weight, enabled: route.isEnabled, options: route.options)
        }
        retired = model.isRetired
        managedBy = model.managedBy.rawValue
    }
}
