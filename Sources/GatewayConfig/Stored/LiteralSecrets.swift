import GatewayCore

/// The `literal.` secrets of a gateway's own file: they are never stored, so a gateway that reads the stored
/// configuration looks them up here.
struct LiteralSecrets: Sendable {
    /// By path, with the id of the provider or model in it: `providers[openai].auth.token`.
    private var secrets: [String: Secret] = [:]

    init() {}

    /// - Parameters:
    ///   - literals: by path, such as `providers[0].auth.token`.
    ///   - providers: their ids, in the order of the document.
    ///   - models: likewise.
    init(_ literals: [String: Secret], providers: [String], models: [String]) {
        for (path, secret) in literals {
            if let path = Self.withID(path, providers: providers, models: models) { secrets[path] = secret }
        }
    }

    /// The secret at `path`, in which the provider or model has its id: `providers[openai].auth.token`.
    func secret(at path: String) -> Secret? {
        secrets[path]
    }

    /// `providers[0].auth.token` → `providers[openai].auth.token`; nil for a path outside the entries.
    private static func withID(_ path: String, providers: [String], models: [String]) -> String? {
        for (section, ids) in [("providers", providers), ("models", models)] {
            guard path.hasPrefix("\(section)["), let end = path.firstIndex(of: "]"),
                let index = Int(path[..<end].dropFirst(section.count + 1)), ids.indices.contains(index)
            else { continue }
            return "\(section)[\(ids[index])\(path[end...])"
        }
        return nil
    }
}
