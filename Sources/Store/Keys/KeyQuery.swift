import Database
import GatewayCore

/// Which keys to read. All of a key is read with three statements, however many keys there are.
enum KeyQuery {
    case all
    case publicID(String)
    case managedBy(ManagedBy)

    /// The keys, oldest first.
    func run(on connection: any Connection) throws(DatabaseError) -> [KeyRecord] {
        let secrets = try secrets(connection)
        let models = try models(connection)
        let rows = try connection.query(
            """
            SELECT id, public_id, name, owner_kind, owner_name, grants_all, created_at, expires_at, revoked_at, last_used_at
            FROM api_keys \(condition) ORDER BY created_at, id
            """, arguments)
        var keys: [KeyRecord] = []
        for row in rows {
            let id = try row.text("id")
            keys.append(try Self.key(id, row, secrets: secrets[id] ?? [], models: models[id] ?? []))
        }
        return keys
    }

    /// One of three constant texts.
    private var condition: String {
        switch self {
        case .all: ""
        case .publicID: "WHERE public_id = $1"
        case .managedBy: "WHERE managed_by = $1"
        }
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
            WHERE key_id IN (SELECT id FROM api_keys \(condition)) ORDER BY created_at, id
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

    private func models(_ connection: any Connection) throws(DatabaseError) -> [String: Set<String>] {
        let rows = try connection.query(
            """
            SELECT key_id, model_id FROM api_key_grants
            WHERE key_id IN (SELECT id FROM api_keys \(condition))
            """, arguments)
        var models: [String: Set<String>] = [:]
        for row in rows {
            models[try row.text("key_id"), default: []].insert(try row.text("model_id"))
        }
        return models
    }

    private static func key(
        _ id: String, _ row: Row, secrets: [KeySecret], models: Set<String>
    ) throws(DatabaseError) -> KeyRecord {
        guard let owner = KeyOwner("\(try row.text("owner_kind")):\(try row.text("owner_name"))") else {
            throw .unexpectedValue(column: "owner_kind", reason: "it is not an owner")
        }
        return KeyRecord(
            id: id, publicID: try row.text("public_id"), name: try row.text("name"), owner: owner,
            grant: try row.bool("grants_all") ? .all : .listed(models), secrets: secrets,
            createdAt: try row.int64("created_at"), expiresAt: try row.optionalInt64("expires_at"),
            revokedAt: try row.optionalInt64("revoked_at"), lastUsedAt: try row.optionalInt64("last_used_at"))
    }
}
