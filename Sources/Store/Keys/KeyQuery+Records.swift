import Database
import Foundation
import GatewayCore

extension KeyQuery {
    /// The keys with all that belongs to them, read with five statements at most, however many keys there are.
    func run(on connection: any Connection) throws -> [KeyRecord] {
        let rows = try connection.query(
            """
            SELECT k.id, k.public_id, k.name, k.all_models, k.version, k.created_at, k.expires_at, k.revoked_at, k.last_used_at,
                u.id AS user_id, u.email, u.status AS user_status, u.all_models AS user_all_models,
                t.id AS team_id, t.key AS team_key, t.status AS team_status, t.all_models AS team_all_models
            FROM api_keys k
            LEFT JOIN users u ON u.id = k.user_id
            LEFT JOIN memberships m ON m.user_id = u.id
            LEFT JOIN teams t ON t.id = COALESCE(k.team_id, m.team_id)
            \(clauses)
            """, arguments)
        let details = try KeyDetails(of: rows, on: connection)
        return try rows.map { try details.record(of: $0) }
    }
}

/// What other tables have of some keys.
private struct KeyDetails {
    private let secrets: [String: [KeySecret]]
    private let keyModels: [String: Set<String>]
    private let teamModels: [String: Set<String>]
    private let userModels: [String: Set<String>]

    init(of rows: [Row], on connection: any Connection) throws {
        secrets = try Self.secrets(of: rows.map { try $0.text("id") }, on: connection)
        keyModels = try Self.models(.key, "id", "all_models", of: rows, on: connection)
        teamModels = try Self.models(.team, "team_id", "team_all_models", of: rows, on: connection)
        userModels = try Self.models(.user, "user_id", "user_all_models", of: rows, on: connection)
    }

    func record(of row: Row) throws(DatabaseError) -> KeyRecord {
        let id = try row.text("id")
        let limits = [
            try Self.limit(row, "team_id", "team_all_models", teamModels, .team(row.optionalText("team_key") ?? "")),
            try Self.limit(row, "user_id", "user_all_models", userModels, .user(row.optionalText("email") ?? "")),
        ]
        return KeyRecord(
            id: id, publicID: try row.text("public_id"), name: try row.text("name"), owner: try Self.owner(row),
            userID: try row.optionalText("user_id"), teamID: try row.optionalText("team_id"),
            isOwnerActive: try Self.isActive(row),
            grant: GrantTable.grant(hasAll: try row.bool("all_models"), id: id, listed: keyModels),
            limits: limits.compactMap(\.self), secrets: secrets[id] ?? [], version: try row.int64("version"),
            createdAt: try row.int64("created_at"), expiresAt: try row.optionalInt64("expires_at"),
            revokedAt: try row.optionalInt64("revoked_at"), lastUsedAt: try row.optionalInt64("last_used_at"))
    }

    private static func secrets(of ids: [String], on connection: any Connection) throws -> [String: [KeySecret]] {
        guard !ids.isEmpty else { return [:] }
        let rows = try connection.query(
            """
            SELECT key_id, hash, expires_at FROM api_key_secrets
            WHERE key_id IN (\(connection.dialect.elements(of: "$1"))) ORDER BY created_at, id
            """, [try json(ids)])
        var secrets: [String: [KeySecret]] = [:]
        for row in rows {
            guard let hash = SecretHash(stored: try row.text("hash")) else {
                throw DatabaseError.unexpectedValue(
                    column: "hash", reason: "it is not a hash of a known algorithm")
            }
            let secret = KeySecret(hash: hash, expiresAt: try row.optionalInt64("expires_at"))
            secrets[try row.text("key_id"), default: []].append(secret)
        }
        return secrets
    }

    /// The models that are listed for what stands in the column `id`, where it does not have all of them.
    private static func models(
        _ table: GrantTable, _ id: String, _ hasAll: String, of rows: [Row], on connection: any Connection
    ) throws -> [String: Set<String>] {
        var ids: Set<String> = []
        for row in rows {
            guard let id = try row.optionalText(id), try !row.bool(hasAll) else { continue }
            ids.insert(id)
        }
        guard !ids.isEmpty else { return [:] }
        return try table.listed(
            owners: connection.dialect.elements(of: "$1"), [try json(ids.sorted())], on: connection)
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

    private static func json(_ ids: [String]) throws -> SQLValue {
        .text(String(decoding: try JSONEncoder().encode(ids), as: UTF8.self))
    }
}
