import Database
import GatewayCore

/// Which keys to read. All of a key is read with five statements, however many keys there are.
enum KeyQuery {
    case all
    case publicID(String)
    case managedBy(ManagedBy)

    /// The keys, oldest first.
    func run(on connection: any Connection) throws(DatabaseError) -> [KeyRecord] {
        let secrets = try secrets(connection)
        let models = try GrantTable.key.listed(owners: ids, arguments, on: connection)
        let teamModels = try GrantTable.team.listed(owners: teamIDs, arguments, on: connection)
        let userModels = try GrantTable.user.listed(owners: userIDs, arguments, on: connection)
        let rows = try connection.query(
            """
            SELECT k.id, k.public_id, k.name, k.all_models, k.created_at, k.expires_at, k.revoked_at, k.last_used_at,
                u.id AS user_id, u.email, u.status AS user_status, u.all_models AS user_all_models,
                t.id AS team_id, t.key AS team_key, t.status AS team_status, t.all_models AS team_all_models
            FROM api_keys k
            LEFT JOIN users u ON u.id = k.user_id
            LEFT JOIN memberships m ON m.user_id = u.id
            LEFT JOIN teams t ON t.id = COALESCE(k.team_id, m.team_id)
            \(condition) ORDER BY k.created_at, k.id
            """, arguments)
        var keys: [KeyRecord] = []
        for row in rows {
            let id = try row.text("id")
            let grant = GrantTable.grant(hasAll: try row.bool("all_models"), id: id, listed: models)
            let limits = [
                try Self.limit(
                    row, "team_id", "team_all_models", teamModels, .team(row.optionalText("team_key") ?? "")),
                try Self.limit(row, "user_id", "user_all_models", userModels, .user(row.optionalText("email") ?? "")),
            ]
            keys.append(
                try Self.key(id, row, secrets: secrets[id] ?? [], grant: grant, limits: limits.compactMap(\.self)))
        }
        return keys
    }

    /// One of three constant texts.
    private var condition: String {
        switch self {
        case .all: ""
        case .publicID: "WHERE k.public_id = $1"
        case .managedBy: "WHERE k.managed_by = $1"
        }
    }

    private var ids: String { "SELECT k.id FROM api_keys k \(condition)" }

    private var userIDs: String { "SELECT k.user_id FROM api_keys k \(condition)" }

    private var teamIDs: String {
        "SELECT COALESCE(k.team_id, m.team_id) FROM api_keys k LEFT JOIN memberships m ON m.user_id = k.user_id \(condition)"
    }

    private var arguments: [SQLValue] {
        switch self {
        case .all: []
        case .publicID(let publicID): [.text(publicID)]
        case .managedBy(let manager): [.text(manager.rawValue)]
        }
    }

    private func secrets(_ connection: any Connection) throws(DatabaseError) -> [String: [KeySecret]] {
        let rows = try connection.query(
            """
            SELECT key_id, hash, expires_at FROM api_key_secrets
            WHERE key_id IN (\(ids)) ORDER BY created_at, id
            """, arguments)
        var secrets: [String: [KeySecret]] = [:]
        for row in rows {
            guard let hash = SecretHash(stored: try row.text("hash")) else {
                throw .unexpectedValue(column: "hash", reason: "it is not a hash of a known algorithm")
            }
            let secret = KeySecret(hash: hash, expiresAt: try row.optionalInt64("expires_at"))
            secrets[try row.text("key_id"), default: []].append(secret)
        }
        return secrets
    }

    private static func key(
        _ id: String, _ row: Row, secrets: [KeySecret], grant: ModelGrant, limits: [ModelAccess.Limit]
    ) throws(DatabaseError) -> KeyRecord {
        KeyRecord(
            id: id, publicID: try row.text("public_id"), name: try row.text("name"), owner: try owner(row),
            userID: try row.optionalText("user_id"), teamID: try row.optionalText("team_id"),
            isOwnerActive: try isActive(row), grant: grant, limits: limits, secrets: secrets,
            createdAt: try row.int64("created_at"), expiresAt: try row.optionalInt64("expires_at"),
            revokedAt: try row.optionalInt64("revoked_at"), lastUsedAt: try row.optionalInt64("last_used_at"))
    }

    /// The allowlist of the team or user in the column `id`; nil if there is none.
    private static func limit(
        _ row: Row, _ id: String, _ hasAll: String, _ listed: [String: Set<String>], _ layer: ModelAccess.Layer
    ) throws(DatabaseError) -> ModelAccess.Limit? {
        guard let id = try row.optionalText(id) else { return nil }
        return ModelAccess.Limit(layer, GrantTable.grant(hasAll: try row.bool(hasAll), id: id, listed: listed))
    }

    private static func owner(_ row: Row) throws(DatabaseError) -> KeyOwner {
        if let email = try row.optionalText("email") { return .user(email) }
        guard let team = try row.optionalText("team_key") else {
            throw .unexpectedValue(column: "service_account_id", reason: "keys of service accounts are not known yet")
        }
        return .team(team)
    }

    /// The owner, and for a user the team that they are in as well.
    private static func isActive(_ row: Row) throws(DatabaseError) -> Bool {
        for column in ["user_status", "team_status"] {
            guard try row.optionalText(column) ?? "active" == "active" else { return false }
        }
        return true
    }
}
