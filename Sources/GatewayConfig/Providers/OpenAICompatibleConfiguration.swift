/// A provider that speaks OpenAI's API.
public struct OpenAICompatibleConfiguration: Sendable, Hashable {
    /// `/chat/completions` and the like are appended to it.
    public let baseURL: HTTPAddress
    /// How the gateway authenticates.
    public let auth: UpstreamAuth
    /// Trust roots in addition to the system's; nil for these alone. Verification cannot be turned off.
    public let trustRoots: TrustRoots?

    init(_ map: MappingReader) {
        baseURL = map.required("base_url", .httpAddress) ?? .standIn
        auth = map.requiredSection("auth", "a mapping with kind bearer, header or none", UpstreamAuth.init) ?? .none
        trustRoots = map.optionalSection("tls", TrustRoots.init) ?? nil
        if trustRoots != nil, baseURL.scheme == .http {
            map.context.warning(at: map.place(of: "tls"), "has no effect, because base_url is not https")
        }
    }
}

/// Certificates of a private authority.
public struct TrustRoots: Sendable, Hashable {
    /// The PEM file.
    public let path: String
    /// The text of the file.
    public let pem: Credential

    init?(_ map: MappingReader) {
        guard let path = map.required("ca_path", .text("the path of a PEM file")) else { return nil }
        self.path = path
        do {
            pem = .value(try map.context.secret(.file(path), at: map.place(of: "ca_path").path))
        } catch {
            pem = .missing(reason: error.reason)
            map.context.warning(
                at: map.place(of: "ca_path"),
                "\(error.reason); the provider's routes are unavailable until that is fixed")
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
