public import GatewayCore

/// A key that the file lists.
public struct SeedAPIKey: Sendable, Hashable {
    /// Unique; a new value under the same name replaces the old one.
    public let name: String
    /// The whole token, in a form that `APIKeyToken` accepts.
    public let value: Secret
    /// The models that it may use.
    public let allowedModels: ModelGrant
    /// The owner; `system-legacy` by default.
    public let owner: KeyOwner

    init(_ map: MappingReader, allowsShortSecrets: Bool) {
        name = map.required("name", .name) ?? ""
        value = map.requiredSecret("value") ?? Secret("")
        allowedModels = map.modelGrant("allowed_models")
        owner = map.value("owner", .keyOwner, default: .systemLegacy)
        if !name.isEmpty { map.context.declare(.seedKey, name, at: map.place(of: "name")) }
        switch owner {
        case .team(let key): map.context.mention(.team, key, at: map.place(of: "owner"))
        case .user(let email): map.context.mention(.user, email, at: map.place(of: "owner"))
        }
        if !value.isEmpty { check(map, allowsShortSecrets: allowsShortSecrets) }
    }

    private func check(_ map: MappingReader, allowsShortSecrets: Bool) {
        guard let token = APIKeyToken(value.reveal()) else {
            return map.error(
                "value",
                "the value is not a key: it must be gwk_<public id>.<secret>, with a public id of 8 to 40 letters and "
                    + "digits; `gateway keys create` creates one")
        }
        map.context.declare(.publicID, token.publicID, at: map.place(of: "value"))
        guard token.secret.reveal().utf8.count < APIKeyToken.minRedactableBytes, !allowsShortSecrets else { return }
        map.error(
            "value",
            "the secret after the dot is shorter than \(APIKeyToken.minRedactableBytes) characters, which is allowed "
                + "only with a local database and a loopback `server.bind`")
    }
}

extension ScalarKind where Value == KeyOwner {
    static var keyOwner: ScalarKind {
        .string("\"team:<key>\" or \"user:<e-mail>\"", mayBeReference: false, show: \.text, read: KeyOwner.init)
    }
}
