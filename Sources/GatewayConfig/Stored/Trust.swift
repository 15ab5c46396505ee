// A gateway sends secrets only to what its own file names: otherwise write access to the database would be enough to
// name another host, and a gateway with an older file would send an old secret to a new host.

extension ProviderConfiguration {
    /// The provider; unavailable if it has secrets for another destination than `own`.
    /// - Parameter own: the provider of this id in the gateway's own file.
    func trusted(by own: ProviderConfiguration?) -> ProviderConfiguration {
        guard hasSecrets, unavailableReason == nil else { return self }
        guard own?.kind.destination == kind.destination else {
            return unavailable(
                "its address differs from that in this gateway's own file, so the gateway does not send it a secret")
        }
        return self
    }

    private var hasSecrets: Bool { kind.hasCredential || !defaultHeaders.isEmpty }
}

extension ModelConfiguration {
    /// The model; a route with secret headers is unavailable if its provider is not that of `own`, or leads elsewhere.
    /// - Parameters:
    ///   - own: the model of this id in the gateway's own file.
    ///   - destinations: the providers that lead where the gateway's own file says.
    func trusted(by own: ModelConfiguration?, destinations: Set<String>) -> ModelConfiguration {
        guard case .routes(let routes) = body else { return self }
        var providers: [String] = []
        if case .routes(let routes)? = own?.body { providers = routes.map(\.provider) }
        let trusted = routes.enumerated().map { index, route in
            guard !route.extraHeaders.isEmpty, route.unavailableReason == nil,
                !providers.indices.contains(index) || providers[index] != route.provider
                    || !destinations.contains(route.provider)
            else { return route }
            return route.unavailable(
                "its provider, or the provider's address, differs from that in this gateway's own file, so the gateway does not send it a secret"
            )
        }
        return with(routes: trusted)
    }
}

extension ProviderKind {
    /// Where requests go.
    struct Destination: Hashable {
        let scheme: HTTPAddress.Scheme?
        let host: String
        let port: Int?
    }

    var destination: Destination? {
        switch self {
        case .openAICompatible(let settings):
            let address = settings.baseURL
            return Destination(scheme: address.scheme, host: address.host, port: address.port)
        case .vertex(let settings):
            return Destination(scheme: nil, host: settings.apiHost ?? settings.location, port: nil)
        case .simulator: return nil
        }
    }

    var hasCredential: Bool {
        switch self {
        case .openAICompatible(let settings): settings.auth.credential != nil || settings.trustRoots != nil
        case .vertex: true
        case .simulator: false
        }
    }
}
