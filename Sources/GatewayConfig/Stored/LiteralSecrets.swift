import GatewayCore

/// The `literal.` secrets of a gateway's own file: they are never stored, so a gateway that reads the stored
/// configuration looks them up here.
struct LiteralSecrets: Sendable {
    /// By the id of the provider or model, and the path within its entry.
    private var secrets: [String: Secret] = [:]

    init() {}

    /// - Parameters:
    ///   - literals: by path, such as `providers[0].auth.token`.
    ///   - providers: their ids, in the order of the document.
    ///   - models: likewise.
    init(_ literals: [String: Secret], providers: [String], models: [String]) {
        for (path, secret) in literals {
            if let key = Self.key(path, providers: providers, models: models) { secrets[key] = secret }
        }
    }

    /// The secret at `path` of a document with these providers and models.
    func secret(at path: String, providers: [String], models: [String]) -> Secret? {
        Self.key(path, providers: providers, models: models).flatMap { secrets[$0] }
    }

    /// `providers[0].auth.token` → `providers/openai.auth.token`; nil for a path outside the entries.
    private static func key(_ path: String, providers: [String], models: [String]) -> String? {
        for (section, ids) in [("providers", providers), ("models", models)] {
            guard path.hasPrefix("\(section)["), let end = path.firstIndex(of: "]"),
                let index = Int(path[..<end].dropFirst(section.count + 1)), ids.indices.contains(index)
            else { continue }
            return "\(section)/\(ids[index])\(path[path.index(after: end)...])"
        }
        return nil
    }
}
