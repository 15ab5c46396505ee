/// Why the entries of `gateway.yaml` cannot be written. Nothing was changed.
public enum SeedError: Error, Sendable, Hashable {
    /// Two entries have the same name.
    case duplicateName(String)
    /// Two entries have values with the same public id.
    case duplicatePublicID(String)
    /// The bootstrap administrator's e-mail belongs to a user who is not an administrator.
    case bootstrapEmailTaken(String)
    /// The value's public id belongs to a key that was made with `gateway keys create` or in the control plane.
    case ownedByControlPlane(name: String, publicID: String)

    /// One line for the operator, without secrets.
    public var message: String {
        switch self {
        case .duplicateName(let name): "auth.seed_api_keys has two keys named \(name)."
        case .duplicatePublicID(let publicID): "auth.seed_api_keys has two keys with the public id \(publicID)."
        case .bootstrapEmailTaken(let email): "The user \(email) already exists but is not an active administrator."
        case .ownedByControlPlane(let name, let publicID):
            "The value of the seed key \(name) has the public id \(publicID), which belongs to a key outside gateway.yaml."
        }
    }

    /// What the operator can do about it.
    public var hint: String {
        switch self {
        case .duplicateName: "Give each of them a different name."
        case .bootstrapEmailTaken: "Set auth.bootstrap_admin.email to another address."
        case .duplicatePublicID, .ownedByControlPlane: "Give it another value."
        }
    }
}

extension SeedError: CustomStringConvertible {
    /// The message, then the hint.
    public var description: String { "\(message) \(hint)" }
}
