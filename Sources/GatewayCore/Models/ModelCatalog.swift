/// All models of a snapshot: which of them a key may use, and which one a requested name refers to.
public struct ModelCatalog: Sendable {
    private let byID: [String: Model]
    /// By rank, then id.
    private let ordered: [Model]

    /// - Parameter models: with unique ids, which the configuration guarantees; of duplicates the last is used.
    public init(_ models: [Model]) {
        byID = Dictionary(models.map { ($0.id, $0) }, uniquingKeysWith: { _, last in last })
        ordered = byID.values.sorted { ($0.rank, $0.id) < ($1.rank, $1.id) }
    }

    /// The models that `access` allows, by rank, then id. Their routes may be unusable.
    public func visible(to access: ModelAccess) -> [Model] {
        ordered.filter { access.allows($0.id) }
    }

    /// The model that the requested name refers to. A name is a model's id, or `tag:a,b` for the first allowed model
    /// that has all tags.
    ///
    /// Access is checked for the requested id, or for the id that the tags selected; an alias is then followed to its
    /// target.
    /// - Throws: `model_not_found` for an unknown id and for tags that no allowed model has, `model_not_allowed` for a
    ///   known id that is not allowed, `invalid_request` for a selector without tags.
    public func resolve(_ requested: String, access: ModelAccess) throws(GatewayError) -> ResolvedModel {
        let model = try requestable(requested, access: access)
        var current = model
        var aliases: [String] = []
        // The configuration refuses cycles; the bound ends the loop even so.
        for _ in 0...byID.count {
            switch current.target {
            case .routes(let routes):
                return ResolvedModel(requested: requested, aliases: aliases, id: current.id, routes: routes)
            case .alias(let next):
                guard let target = byID[next] else { break }
                aliases.append(current.id)
                current = target
            }
        }
        throw GatewayError(
            .noRouteAvailable, "The model `\(requested)` is an alias without a target.",
            cause: "alias chain of \(requested) ends at \(current.id), which is not a model with routes",
            source: .gateway)
    }

    /// The model, possibly an alias, that `name` refers to.
    /// - Throws: as `resolve`.
    public func requestable(_ name: String, access: ModelAccess) throws(GatewayError) -> Model {
        if name.utf8.starts(with: Self.tagPrefix.utf8) { return try tagged(name, access: access) }
        guard let model = byID[name] else {
            throw .client(
                .modelNotFound, "The model `\(name)` does not exist. GET /v1/models lists yours.", param: "model")
        }
        if let layer = access.refusal(of: name) {
            throw .notAllowed(name, by: layer)
        }
        return model
    }

    private static let tagPrefix = "tag:"

    private func tagged(_ selector: String, access: ModelAccess) throws(GatewayError) -> Model {
        let tags = selector.dropFirst(Self.tagPrefix.count).split(separator: ",", omittingEmptySubsequences: false)
            .map { $0.drop { $0 == " " } }
        guard tags.allSatisfy({ !$0.isEmpty }) else {
            throw .client(
                .invalidRequest, "A selector names its tags after the colon, such as `tag:fast,cheap`.", param: "model")
        }
        let wanted = Set(tags.map(String.init))
        guard let model = ordered.first(where: { wanted.isSubset(of: $0.tags) && access.allows($0.id) }) else {
            throw .client(
                .modelNotFound, "No model that you may use has the tags of `\(selector)`. GET /v1/models lists yours.",
                param: "model")
        }
        return model
    }
}

extension GatewayError {
    fileprivate static func notAllowed(_ model: String, by layer: ModelAccess.Layer) -> GatewayError {
        let message =
            switch layer {
            case .key: "This API key's grants do not include the model `\(model)`."
            case .team(let key): "The allowed models of the team `\(key)` do not include the model `\(model)`."
            case .user(let email): "The allowed models of the user `\(email)` do not include the model `\(model)`."
            }
        return .client(.modelNotAllowed, message, param: "model")
    }
}

/// The model that a requested name refers to.
public struct ResolvedModel: Sendable, Hashable {
    /// The name that the caller sent; every answer repeats it.
    public let requested: String
    /// The aliases between the requested name and the model, in their order.
    public let aliases: [String]
    /// The model that has the routes.
    public let id: String
    public let routes: [Route]
}
