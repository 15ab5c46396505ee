public import GatewayConfig
public import GatewayCore

extension ModelCatalog {
    /// The models and routes of a validated configuration.
    /// - Parameter price: of a route.
    public init(_ models: [ModelConfiguration], price: (RouteConfiguration) -> RoutePrice = { _ in .unknown }) {
        self.init(models.map { Model($0, price: price) })
    }
}

extension Model {
    fileprivate init(_ model: ModelConfiguration, price: (RouteConfiguration) -> RoutePrice) {
        let target: Target =
            switch model.body {
            case .alias(let other): .alias(of: other)
            case .routes(let routes):
                .routes(routes.enumerated().map { Route($1, id: "\(model.id)/\($0 + 1)", price: price($1)) })
            }
        self.init(
            id: model.id, description: model.description, tags: Set(model.tags), rank: model.rank, target: target)
    }
}

extension Route {
    fileprivate init(_ route: RouteConfiguration, id: String, price: RoutePrice) {
        self.init(
            id: id, provider: route.provider, upstreamModel: route.upstreamModel, priority: route.priority,
            weight: route.weight, isEnabled: route.isEnabled, capabilities: route.capabilities,
            adjustments: RouteAdjustments(
                compatibility: route.compatibility,
                headers: route.extraHeaders.map { RouteAdjustments.Header(name: $0.name, value: $0.value) },
                extraBody: route.extraBody?.text, storesResponses: route.allowsStoredResponses,
                allowedFields: Set(route.allowedFields)),
            unavailableReason: route.unavailableReason, price: price)
    }
}
