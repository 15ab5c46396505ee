public import GatewayCore

/// One entry of `models`.
public struct ModelConfiguration: Sendable, Hashable {
    /// What the model's id stands for.
    public enum Body: Sendable, Hashable {
        /// Another model, which may be an alias. There are no cycles.
        case alias(of: String)
        /// At least one route.
        case routes([RouteConfiguration])
    }

    /// What callers send as `model`.
    public let id: String
    /// A description for users, if any.
    public let description: String?
    /// The tags that `tag:` selectors match.
    public let tags: [String]
    /// Lower comes first in lists, and wins for `tag:` selectors.
    public let rank: Int
    /// What the id stands for.
    public private(set) var body: Body

    init(_ map: MappingReader, providers: [ProviderConfiguration]) {
        let id = map.required("id", .modelID) ?? ""
        self.id = id
        if !id.isEmpty { map.context.declare(.model, id, at: map.place(of: "id")) }
        description = map.optional("description", .text())
        tags = map.scalars("tags", .tag).map(\.value)
        rank = map.value("rank", .integer(in: 0...1_000_000), default: 100)
        body = Self.body(map, id: id, providers: providers)
    }

    private static func body(_ map: MappingReader, id: String, providers: [ProviderConfiguration]) -> Body {
        let hasAlias = map.node("alias_of") != nil
        let hasRoutes = map.node("routes") != nil
        guard hasAlias != hasRoutes else {
            map.context.error(
                at: map.place,
                "a model has exactly one of alias_of and routes; this one has \(hasAlias ? "both" : "neither")")
            return .routes([])
        }
        guard hasRoutes else {
            let target = map.required("alias_of", .modelID) ?? ""
            if !target.isEmpty { map.context.mention(.model, target, at: map.place(of: "alias_of")) }
            return .alias(of: target)
        }
        let routes = map.list("routes") { RouteConfiguration($0, model: id, providers: providers) }.map(\.value)
        if routes.isEmpty, case .sequence = map.node("routes")?.content {
            map.error("routes", "must have at least one route")
        }
        return .routes(routes)
    }

    func with(routes: [RouteConfiguration]) -> ModelConfiguration {
        var copy = self
        copy.body = .routes(routes)
        return copy
    }

    /// The target of an alias; nil for other models.
    public var aliasOf: String? {
        if case .alias(let target) = body { target } else { nil }
    }

    /// The entry in its stored form.
    public var definition: ModelDefinition {
        ModelDefinition(
            id: id, description: description, tags: Set(tags), rank: rank, aliasOf: aliasOf,
            routes: routes.map(\.definition))
    }

    /// Its routes; empty for an alias.
    public var routes: [RouteConfiguration] {
        if case .routes(let routes) = body { routes } else { [] }
    }
}
