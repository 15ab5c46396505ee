/// A provider that speaks OpenAI's API.
public struct OpenAICompatibleConfiguration: Sendable, Hashable {
    /// `/chat/completions` and the like are appended to it.
    public let baseURL: HTTPAddress
    /// How the gateway authenticates.
    public let auth: UpstreamAuth
    /// A PEM file with trust roots in addition to the system's. Verification cannot be turned off.
    public let caPath: String?

    init(_ map: MappingReader) {
        baseURL = map.required("base_url", .httpAddress) ?? .standIn
        auth = map.requiredSection("auth", "a mapping with kind bearer, header or none", UpstreamAuth.init) ?? .none
        caPath = map.optionalSection("tls") { $0.required("ca_path", .text("the path of a PEM file")) } ?? nil
        if caPath != nil, baseURL.scheme == .http {
            map.context.warning(at: map.place(of: "tls"), "has no effect, because base_url is not https")
        }
    }
}

/// How the gateway authenticates to an OpenAI-compatible provider.
public enum UpstreamAuth: Sendable, Hashable {
    case bearer(CredentialReference)
    /// The credential is the whole value of the header `name`, which is in lower case.
    case header(name: String, CredentialReference)
    case none

    private enum Kind: String, CaseIterable {
        case bearer, header, none
    }

    init(_ map: MappingReader) {
        switch map.required("kind", ScalarKind<Kind>.choice) {
        case .bearer:
            self = map.requiredCredential("token").map(Self.bearer) ?? .none
        case .header:
            let name = map.required("header", .credentialHeader)
            self = map.requiredCredential("token").map { .header(name: name ?? "", $0) } ?? .none
        case Kind.none?:
            self = .none
        case nil:
            _ = map.allEntries()
            self = .none
        }
    }

    /// The credential; nil if the provider requires none.
    public var credential: CredentialReference? {
        switch self {
        case .bearer(let credential), .header(_, let credential): credential
        case .none: nil
        }
    }
}
