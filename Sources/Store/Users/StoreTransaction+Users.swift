import Database
public import GatewayCore

extension StoreTransaction {
    /// Adds an invited user, in a team if `membership` is given.
    /// - Throws: `StoreError.duplicateUser` if there is one with the e-mail, `.noSuchTeam`.
    @discardableResult
    public func createUser(
        _ definition: UserDefinition, membership: Membership?, managedBy manager: ManagedBy
    ) throws -> UserRecord {
        try createUser(
            definition, membership: membership, managedBy: manager, status: .invited, isBootstrap: false)
    }

    func createUser(
        _ definition: UserDefinition, membership: Membership?, managedBy manager: ManagedBy, status: UserStatus,
        isBootstrap: Bool
    ) throws -> UserRecord {
        let id = newID()
        do {
            try connection.execute(
                """
                INSERT INTO users
                    (id, email, name, global_role, auth_mode, oidc_provider_key, all_models, request_logging, managed_by,
                    status, is_bootstrap, version, created_at, updated_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1, $12, $12)
                """,
                [.text(id), .text(definition.email)] + values(of: definition, manager)
                    + [.text(status.rawValue), .int64(isBootstrap ? 1 : 0), .int64(now)])
        } catch DatabaseError.constraint("users_email_key") {
            throw StoreError.duplicateUser(definition.email)
        }
        try GrantTable.user.replace(of: id, with: definition.allowedModels, on: connection)
        if let membership { try setMembership(of: id, to: membership, managedBy: manager) }
        return try recordUserChange("user.create", before: nil, email: definition.email)
    }

    /// Lets a user in, keeps them out, or has them prove again who they are. Changes nothing if it is so.
    ///
    /// - Parameter version: the version that the user has to have; nil for any.
    /// - Throws: `StoreError.stale`.
    @discardableResult
    public func changeStatus(
        of user: UserRecord, expecting version: Int64?, to status: UserStatus
    ) throws -> UserRecord {
        let user = try current(user, expecting: version) { try reader.user(email: user.definition.email) }
        guard user.status != status else { return user }
        try connection.execute(
            "UPDATE users SET status = $2, version = version + 1, updated_at = $3 WHERE id = $1",
            [.text(user.id), .text(status.rawValue), .int64(now)])
        return try recordUserChange("user.status", before: user, email: user.definition.email)
    }

    /// Gives a user what `definition` says, in place of what was said; the e-mail stays. Changes nothing if it is the
    /// same.
    ///
    /// - Parameters:
    ///   - version: the version that the user has to have; nil for any.
    ///   - membership: the team to be in from now on; nil leaves things as they are.
    /// - Throws: `StoreError.stale`, `.authModeFixed` if the way to sign in would change for a user who has signed
    ///   in, `.noSuchTeam`.
    @discardableResult
    public func changeUser(
        _ user: UserRecord, expecting version: Int64?, to definition: UserDefinition, membership: Membership?,
        managedBy manager: ManagedBy
    ) throws -> UserRecord {
        let user = try current(user, expecting: version) { try reader.user(email: user.definition.email) }
        let isNewDefinition = user.definition != definition || user.managedBy != manager
        let newMembership = membership == user.membership ? nil : membership
        guard isNewDefinition || newMembership != nil else { return user }
        let isSameMode =
            (user.definition.authMode, user.definition.oidcProviderKey)
            == (definition.authMode, definition.oidcProviderKey)
        guard isSameMode || user.status == .invited else { throw StoreError.authModeFixed(definition.email) }
        if isNewDefinition {
            try connection.execute(
                """
                UPDATE users SET name = $2, global_role = $3, auth_mode = $4, oidc_provider_key = $5, all_models = $6,
                    request_logging = $7, managed_by = $8, version = version + 1, updated_at = $9
                WHERE id = $1
                """, [.text(user.id)] + values(of: definition, manager) + [.int64(now)])
        }
        if user.definition.allowedModels != definition.allowedModels {
            try GrantTable.user.replace(of: user.id, with: definition.allowedModels, on: connection)
        }
        if let newMembership { try setMembership(of: user.id, to: newMembership, managedBy: manager) }
        return try recordUserChange("user.update", before: user, email: user.definition.email)
    }

    /// From the name to the manager, in the order of both statements above.
    private func values(of definition: UserDefinition, _ manager: ManagedBy) -> [SQLValue] {
        [
            .text(definition.name), .text(definition.globalRole.rawValue), .text(definition.authMode.rawValue),
            .text(definition.oidcProviderKey), definition.allowedModels.allModels,
            .int64(definition.isRequestLoggingEnabled ? 1 : 0), .text(manager.rawValue),
        ]
    }

    private func setMembership(of userID: String, to membership: Membership, managedBy manager: ManagedBy) throws {
        guard let team = try reader.team(key: membership.team) else { throw StoreError.noSuchTeam(membership.team) }
        try connection.execute(
            """
            INSERT INTO memberships (user_id, team_id, role, managed_by, version, created_at, updated_at)
            VALUES ($1, $2, $3, $4, 1, $5, $5)
            ON CONFLICT (user_id) DO UPDATE SET team_id = excluded.team_id, role = excluded.role,
                managed_by = excluded.managed_by, version = memberships.version + 1, updated_at = excluded.updated_at
            """,
            [
                .text(userID), .text(team.id), .text(membership.role.rawValue), .text(manager.rawValue), .int64(now),
            ])
    }

    private func recordUserChange(_ action: String, before: UserRecord?, email: String) throws -> UserRecord {
        guard let after = try reader.user(email: email) else {
            throw DatabaseError.unexpectedValue(column: "email", reason: "the changed user is gone")
        }
        try recordChange(
            action, subject: after.id, before: before.map(UserAuditState.init), after: UserAuditState(after))
        return after
    }
}
