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
        Self.refuseEndpoint(of: baseURL, in: map)
        auth = map.requiredSection("auth", "a mapping with kind bearer, header or none", UpstreamAuth.init) ?? .none
        trustRoots = map.optionalSection("tls", TrustRoots.init) ?? nil
        if trustRoots != nil, baseURL.scheme == .http {
            map.context.warning(at: map.place(of: "tls"), "has no effect, because base_url is not https")
        }
    }
}

extension OpenAICompatibleConfiguration {
    /// What the gateway appends to a base address by itself, or what no provider has behind one. The longest come
    /// first.
    private static let endpoints = [
        "/messages/count_tokens", "/chat/completions", "/completions", "/responses", "/embeddings", "/messages",
        "/models",
    ]

    /// An address of one endpoint would give `/chat/completions/chat/completions`, which is 404 at the provider.
    fileprivate static func refuseEndpoint(of address: HTTPAddress, in map: MappingReader) {
        let path = address.pathPrefix.lowercased()
        guard let endpoint = endpoints.first(where: path.hasSuffix) else { return }
        let base = "\(address)".dropLast(endpoint.utf8.count)
        // The value of a reference is not shown.
        let isWritten =
            if case .scalar(let text) = map.node("base_url")?.content { ValueReference(text.text) == nil } else {
                false
            }
        map.error(
            "base_url",
            "must end before \(endpoint), which the gateway appends itself\(isWritten ? ": \(base)" : "")")
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
