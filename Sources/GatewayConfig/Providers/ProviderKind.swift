/// The adapters, by their names in the document.
public enum ProviderType: String, Sendable, Hashable, CaseIterable {
    case openAICompatible = "openai_compat"
    case vertex = "gcp_vertex"
    case simulator
}

/// A provider's adapter with the settings that only it has.
public enum ProviderKind: Sendable, Hashable {
    case openAICompatible(OpenAICompatibleConfiguration)
    case vertex(VertexConfiguration)
    case simulator(SimulatorConfiguration)

    init(_ map: MappingReader) {
        let type = map.required("type", ScalarKind<ProviderType>.choice)
        if let type, UnimplementedSettings.providerTypes.contains(type) {
            map.context.warning(
                at: map.place(of: "type"),
                "is accepted, but has no effect in this release yet; routes of this provider are unavailable")
        }
        switch type {
        case .openAICompatible: self = .openAICompatible(OpenAICompatibleConfiguration(map))
        case .vertex: self = .vertex(VertexConfiguration(map))
        case .simulator: self = .simulator(map.section("simulator", SimulatorConfiguration.init))
        case nil:
            // The type decides which keys are valid; without it no key is reported as unknown.
            _ = map.allEntries()
            self = .simulator(.standard(map))
        }
    }

    /// The adapter's name in the document.
    public var type: ProviderType {
        switch self {
        case .openAICompatible: .openAICompatible
        case .vertex: .vertex
        case .simulator: .simulator
        }
    }

    /// Why a required credential is missing; nil if it is present or not required.
    var missingCredential: String? {
        let credentials: [Credential?] =
            switch self {
            case .openAICompatible(let settings): [settings.auth.credential?.credential, settings.trustRoots?.pem]
            case .vertex(let settings): [settings.auth.credential?.credential]
            case .simulator: []
            }
        for case .missing(let reason)? in credentials { return reason }
        return nil
    }
}
