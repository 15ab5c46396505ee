extension RoutePlan {
    /// The error of a request that no route can serve.
    ///
    /// `capability_not_supported` if every route was dropped for lack of a capability, else `no_route_available` with
    /// the reason of each route. The cause names the missing credentials, for the operator.
    /// - Parameter requested: what the caller sent as `model`.
    public func refusal(of requested: String) -> GatewayError {
        if let lacking = lackingCapabilities {
            let names = lacking.members.map(\.rawValue).joined(separator: ", ")
            return .client(
                .capabilityNotSupported, "No route of the model `\(requested)` supports: \(names).", param: "model")
        }
        let reasons = dropped.map { "\($0.id) (\($0.provider)): \($0.reason.text)" }.joined(separator: "; ")
        let details = dropped.compactMap { route -> String? in
            guard case .providerCredentialsMissing(let why) = route.reason else { return nil }
            return "\(route.provider): \(why)"
        }
        return GatewayError(
            .noRouteAvailable,
            "No route of the model `\(requested)` can be used: \(reasons.isEmpty ? "it has none" : reasons).",
            // Only a change of the settings helps: a route that cools down is never dropped without another.
            cause: details.isEmpty ? nil : details.joined(separator: "; "), source: .gateway, isLasting: true)
    }

    /// The capabilities that the routes lack, if each route was dropped for that reason; else nil.
    private var lackingCapabilities: CapabilitySet? {
        var lacking: CapabilitySet = []
        for route in dropped {
            guard case .lacksCapability(let capabilities) = route.reason else { return nil }
            for capability in capabilities { lacking.insert(capability) }
        }
        return lacking.isEmpty ? nil : lacking
    }
}
