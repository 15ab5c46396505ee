import GatewayCore
import WireFormats

/// Which fields choose the model, per kind of provider.
extension RoutingField {
    /// Whatever stands behind such an API: OpenRouter, LiteLLM, Azure or a server of one's own.
    static let openAICompatible = Set(RoutingField.allCases)
}

extension AttemptRequest {
    /// Refuses a request with a field that chooses the model at this kind of provider, unless the route allows it.
    func refuseRoutingFields(_ fields: Set<RoutingField>) throws(GatewayError) {
        let refused = request.facts.routingFields.first {
            fields.contains($0) && !adjustments.allowedFields.contains($0)
        }
        guard let refused else { return }
        throw GatewayError(
            .unsupportedParameter,
            "`\(refused.rawValue)` lets the provider choose another model than the one that you asked for. Remove it, or"
                + " ask the gateway's operator to list it in the route's `allow_fields`.",
            param: refused.rawValue, source: .client, retry: .elsewhere)
    }
}
