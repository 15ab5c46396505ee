/// Google Vertex AI.
public struct VertexConfiguration: Sendable, Hashable {
    /// The Google Cloud project to bill.
    public let projectID: String
    /// `global`, or a region.
    public let location: String
    /// Replaces the host that follows from the location.
    public let apiHost: String?
    /// The source of tokens.
    public let auth: VertexAuth

    init(_ map: MappingReader) {
        projectID = map.required("project_id", .text("the id of a Google Cloud project")) ?? ""
        location = map.value("location", .text("global or a region"), default: "global")
        apiHost = map.optional("api_host", .text("a host name"))
        auth = map.section("auth", VertexAuth.init)
    }
}

/// The source of Vertex tokens.
public enum VertexAuth: Sendable, Hashable {
    /// Application default credentials.
    case applicationDefault
    /// The JSON key file at this path.
    case serviceAccount(credentialsPath: String)
    /// A fixed token, which the gateway does not refresh.
    case bearer(CredentialReference)

    private enum Mode: String, CaseIterable {
        case adc
        case serviceAccount = "service_account"
        case bearer
    }

    init(_ map: MappingReader) {
        switch map.value("mode", ScalarKind<Mode>.choice, default: .adc) {
        case .adc:
            self = .applicationDefault
        case .serviceAccount:
            let path = map.required("credentials_path", .text("the path of a JSON key file"))
            self = .serviceAccount(credentialsPath: path ?? "")
        case .bearer:
            self = map.requiredCredential("token").map(Self.bearer) ?? .applicationDefault
        }
    }

    var credential: CredentialReference? {
        if case .bearer(let credential) = self { credential } else { nil }
    }
}
