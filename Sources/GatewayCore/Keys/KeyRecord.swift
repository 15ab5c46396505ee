/// The owner of a key.
public enum KeyOwner: Sendable, Hashable {
    /// A user, by normalised e-mail address.
    case user(String)
    /// A team, by its key. Seeded keys without a named owner belong to `system-legacy`.
    case team(String)

    /// The reserved team of seeded keys that name no owner.
    public static let systemLegacy = KeyOwner.team("system-legacy")

    /// Parses `user:<email>` or `team:<key>`; nil for any other text.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[1].isEmpty else { return nil }
        switch parts[0] {
        case "user": self = .user(parts[1].lowercased())
        case "team": self = .team(String(parts[1]))
        default: return nil
        }
    }

    /// `user:<email>` or `team:<key>`.
    public var text: String {
        switch self {
        case .user(let email): "user:\(email)"
        case .team(let key): "team:\(key)"
        }
    }
}

/// A key as the gateway knows it: everything that deciding a request needs, and no secret.
///
/// An immutable object, because every request holds the record of its key: a value of this size would be copied at each
/// step.
public final class KeyRecord: Sendable {
    public let id: String
    public let publicID: String
    public let name: String
    public let owner: KeyOwner
    /// The identity that its requests count for.
    public let caller: Caller
    /// Whether the owner may use it: an active team, or an active user without a team or in an active team.
    public let isOwnerActive: Bool
    public let grant: ModelGrant
    /// The grant, limited by the allowlists of the team and of the user.
    public let access: ModelAccess
    /// The current secret, and former ones with their ends: two are valid during a rotation.
    public let secrets: [KeySecret]
    /// Rises with every change of the key itself.
    public let version: Int64
    /// Microseconds since 1970 UTC.
    public let createdAt: Int64
    public let expiresAt: Int64?
    public let revokedAt: Int64?
    public let lastUsedAt: Int64?

    /// When the key or one of its secrets expires first, in microseconds since 1970 UTC; nil if none does.
    public let firstExpiry: Int64?

    /// - Parameters:
    ///   - userID: the id of the user who owns the key.
    ///   - teamID: the id of the team that owns the key, or that its user belongs to.
    ///   - limits: the allowlists of the team and of the user, in this order.
    public init(
        id: String, publicID: String, name: String, owner: KeyOwner, userID: String? = nil, teamID: String? = nil,
        isOwnerActive: Bool = true, grant: ModelGrant,
        limits: [ModelAccess.Limit] = [], secrets: [KeySecret], version: Int64 = 1, createdAt: Int64,
        expiresAt: Int64?, revokedAt: Int64?, lastUsedAt: Int64? = nil
    ) {
        self.id = id
        self.publicID = publicID
        self.name = name
        self.owner = owner
        caller = Caller(keyID: id, keyPublicID: publicID, userID: userID, teamID: teamID)
        self.isOwnerActive = isOwnerActive
        self.grant = grant
        access = ModelAccess([ModelAccess.Limit(.key, grant)] + limits)
        self.secrets = secrets
        self.version = version
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
        self.lastUsedAt = lastUsedAt
        firstExpiry = secrets.compactMap(\.expiresAt).reduce(expiresAt) { min($0 ?? $1, $1) }
    }
}

extension KeyRecord: Hashable {
    public static func == (left: KeyRecord, right: KeyRecord) -> Bool {
        left === right
            || left.caller == right.caller && left.name == right.name && left.owner == right.owner
                && left.isOwnerActive == right.isOwnerActive && left.access == right.access
                && left.secrets == right.secrets && left.version == right.version
                && left.createdAt == right.createdAt && left.expiresAt == right.expiresAt
                && left.revokedAt == right.revokedAt && left.lastUsedAt == right.lastUsedAt
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(id)
        hasher.combine(version)
    }
}

/// One valid secret of a key.
public struct KeySecret: Sendable, Hashable {
    public let hash: SecretHash
    /// Microseconds since 1970 UTC; nil for the current secret, which expires with its key.
    public let expiresAt: Int64?

    public init(hash: SecretHash, expiresAt: Int64? = nil) {
        self.hash = hash
        self.expiresAt = expiresAt
    }
}
