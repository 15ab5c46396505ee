import Database
public import GatewayCore

extension StoreTransaction {
    /// Adds a key.
    /// - Throws: `StoreError.duplicatePublicID` or `.duplicateName` if there is such a one, `.noSuchOwner`.
    @discardableResult
    public func createKey(_ new: NewKey) throws -> KeyRecord {
        let id = newID()
        let owner = try ownerColumns(new.owner)
        do {
            try connection.execute(
                """
                INSERT INTO api_keys
                    (id, public_id, name, user_id, team_id, all_models, managed_by, version, created_at, expires_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $9)
                """,
                [
                    .text(id), .text(new.token.publicID), .text(new.name), .text(owner.user), .text(owner.team),
                    new.grant.allModels, .text(new.managedBy.rawValue), .int64(now), .int64(new.expiresAt),
                ])
        } catch {
            throw Self.conflict(error, publicID: new.token.publicID, name: new.name)
        }
        try insertSecret(of: id, new.token.secret)
        try GrantTable.key.replace(of: id, with: new.grant, on: connection)
        return try recordKeyChange("api_key.create", before: nil, publicID: new.token.publicID)
    }

    /// Gives keys other names, owners or grants. Passes over changes that are empty; names may be exchanged.
    /// - Throws: `StoreError.stale` if a key has another version than its change expects, `.duplicateName`,
    ///   `.noSuchOwner`.
    public func changeKeys(_ changes: [KeyChange]) throws {
        for change in changes where change.expectedVersion != nil {
            try expect(change.expectedVersion, of: reader.key(publicID: change.key.publicID))
        }
        let changes = changes.filter { !$0.isEmpty }
        // A name is unique at every moment, not only at the end: free all of them before any is taken.
        for change in changes where change.name != change.key.name {
            try connection.execute("UPDATE api_keys SET name = id WHERE id = $1", [.text(change.key.id)])
        }
        for change in changes {
            let owner = try ownerColumns(change.owner)
            do {
                try connection.execute(
                    """
                    UPDATE api_keys SET name = $2, user_id = $3, team_id = $4, all_models = $5, version = version + 1
                    WHERE id = $1
                    """,
                    [
                        .text(change.key.id), .text(change.name), .text(owner.user), .text(owner.team),
                        change.grant.allModels,
                    ])
            } catch {
                throw Self.conflict(error, publicID: change.key.publicID, name: change.name)
            }
            if change.grant != change.key.grant {
                try GrantTable.key.replace(of: change.key.id, with: change.grant, on: connection)
            }
            try recordKeyChange("api_key.update", before: change.key, publicID: change.key.publicID)
        }
    }

    /// Puts `secret` in the place of the current secret. The hash of the former one is kept, so that it is recognized.
    ///
    /// - Parameters:
    ///   - version: the version that the key has to have; nil for any.
    ///   - overlap: how long the former secret stays valid, in microseconds.
    /// - Throws: `StoreError.stale`.
    public func replaceSecrets(
        of key: KeyRecord, expecting version: Int64?, with secret: Secret, overlap: Int64 = 0
    ) throws {
        let key = try current(key, expecting: version) { try reader.key(publicID: key.publicID) }
        try connection.execute(
            "DELETE FROM api_key_secrets WHERE key_id = $1 AND hash = $2",
            [.text(key.id), .text(SecretHash(of: secret).stored)])
        try connection.execute(
            "UPDATE api_key_secrets SET expires_at = $2 WHERE key_id = $1 AND (expires_at IS NULL OR expires_at > $2)",
            [.text(key.id), .int64(now + overlap)])
        try insertSecret(of: key.id, secret)
        try connection.execute("UPDATE api_keys SET version = version + 1 WHERE id = $1", [.text(key.id)])
        try recordKeyChange("api_key.replace_secrets", before: key, publicID: key.publicID)
    }

    /// Lets a key end at `time`, in microseconds since 1970 UTC, unless it ends before. An unknown key is passed over.
    public func endKey(publicID: String, at time: Int64) throws {
        guard let before = try reader.key(publicID: publicID) else { return }
        let ended = try connection.execute(
            "UPDATE api_keys SET expires_at = $2, version = version + 1 WHERE id = $1 AND (expires_at IS NULL OR expires_at > $2)",
            [.text(before.id), .int64(time)])
        if ended > 0 { try recordKeyChange("api_key.end", before: before, publicID: publicID) }
    }

    /// Ends a key for good and returns it; nil if there is none. A revoked key is returned as it is.
    ///
    /// - Parameter version: the version that the key has to have; nil for any.
    /// - Throws: `StoreError.stale`.
    @discardableResult
    public func revokeKey(publicID: String, expecting version: Int64?) throws -> KeyRecord? {
        guard let before = try reader.key(publicID: publicID) else { return nil }
        try expect(version, of: before)
        let revoked = try connection.execute(
            "UPDATE api_keys SET revoked_at = $2, version = version + 1 WHERE id = $1 AND revoked_at IS NULL",
            [.text(before.id), .int64(now)])
        guard revoked > 0 else { return before }
        return try recordKeyChange("api_key.revoke", before: before, publicID: publicID)
    }

    private func insertSecret(of keyID: String, _ secret: Secret) throws {
        try connection.execute(
            "INSERT INTO api_key_secrets (id, key_id, hash, created_at) VALUES ($1, $2, $3, $4)",
            [.text(newID()), .text(keyID), .text(SecretHash(of: secret).stored), .int64(now)])
    }

    /// What every change of a key ends with. Returns the key as it is stored now.
    @discardableResult
    private func recordKeyChange(_ action: String, before: KeyRecord?, publicID: String) throws -> KeyRecord {
        guard let after = try reader.key(publicID: publicID) else {
            throw DatabaseError.unexpectedValue(column: "public_id", reason: "the changed key is gone")
        }
        try recordChange(
            action, subject: after.id, before: before.map(KeyAuditState.init), after: KeyAuditState(after))
        return after
    }

    private static func conflict(_ error: DatabaseError, publicID: String, name: String) -> any Error {
        switch error {
        case .constraint("api_keys_public_id_key"): StoreError.duplicatePublicID(publicID)
        case .constraint("api_keys_name_key"): StoreError.duplicateName(name)
        default: error
        }
    }
}
