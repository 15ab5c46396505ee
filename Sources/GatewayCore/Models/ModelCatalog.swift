/// All models of a snapshot: who may see which, and what a requested name stands for.
public struct ModelCatalog: Sendable {
    private let byID: [String: Model]
    /// By rank, then id: the order of every list.
    private let ordered: [Model]

    /// - Parameter models: with unique ids; of two with one id the last counts (the configuration refuses duplicates).
    public init(_ models: [Model]) {
        byID = Dictionary(models.map { ($0.id, $0) }, uniquingKeysWith: { _, last in last })
        ordered = byID.values.sorted { ($0.rank, $0.id) < ($1.rank, $1.id) }
    }

    /// The models that a key with `grant` may use. Says nothing about whether a route of theirs works.
    public func visible(to grant: ModelGrant) -> [Model] {
        ordered.filter { grant.allows($0.id) }
    }

    /// What the requested name stands for, for a key with `grant`.
    ///
    /// The grant is checked on the requested name; an alias is then followed to its end.
    /// - Throws: `model_not_found` for a name unknown to everybody, `model_not_allowed` for a known one outside the grant.
    public func resolve(_ requested: String, grant: ModelGrant) throws(GatewayError) -> ResolvedModel {
        let model = try requestable(requested, grant: grant)
        var current = model
        // A chain longer than the number of models would be a cycle, which the configuration refuses; so this ends.
        for _ in 0...byID.count {
            switch current.target {
            case .routes(let routes):
                return ResolvedModel(requested: model.id, id: current.id, routes: routes)
            case .alias(let next):
                guard let target = byID[next] else { break }
                current = target
            }
        }
        throw GatewayError(
            .noRouteAvailable, "The model `\(requested)` is an alias that leads nowhere.",
            cause: "alias chain of \(requested) ends at \(current.id), which is not a model with routes",
            source: .gateway)
    }

    /// The model named `id`, if a key with `grant` may ask for it.
    /// - Throws: as `resolve`.
    public func requestable(_ id: String, grant: ModelGrant) throws(GatewayError) -> Model {
        guard let model = byID[id] else {
            throw .client(
                .modelNotFound, "The model `\(id)` does not exist. GET /v1/models lists yours.", param: "model")
        }
        guard grant.allows(id) else {
            throw .client(
                .modelNotAllowed, "This API key's grants do not include the model `\(id)`.", param: "model")
        }
        return model
    }
}

/// What a requested model name stands for.
public struct ResolvedModel: Sendable, Hashable {
    /// The name that the caller used, and sees in every answer.
    public let requested: String
    /// The model that has the routes.
    public let id: String
    public let routes: [Route]
}
