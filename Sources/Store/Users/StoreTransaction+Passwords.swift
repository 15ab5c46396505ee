import Database
public import GatewayCore

extension StoreTransaction {
    /// Adds the bootstrap administrator, active from the start.
    /// - Throws: `StoreError.duplicateUser` if a user has the e-mail, or if a bootstrap administrator already exists.
    @discardableResult
    public func createBootstrapAdmin(
        email: String, password: PasswordHash, mustChangePassword: Bool
    ) throws -> UserRecord {
        let definition = UserDefinition(
            email: email, name: "Bootstrap admin", authMode: .password, oidcProviderKey: nil,
            globalRole: .platformAdmin, isRequestLoggingEnabled: true, allowedModels: .all)
        let user = try createUser(
            definition, membership: nil, managedBy: .controlPlane, status: .active, isBootstrap: true)
        try setPassword(of: user, to: password, mustChange: mustChangePassword)
        return user
    }

    /// Gives a user a password in place of the one they had.
    ///
    /// - Parameter mustChange: nothing else works for them until they have chosen another.
    public func setPassword(of user: UserRecord, to password: PasswordHash, mustChange: Bool) throws {
        try connection.execute(
            """
            INSERT INTO passwords (user_id, hash, must_change, changed_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash, must_change = excluded.must_change,
                changed_at = excluded.changed_at
            """,
            [.text(user.id), .text(password.stored), .int64(mustChange ? 1 : 0), .int64(now)])
        let state = PasswordAuditState(email: user.definition.email, mustChange: mustChange)
        try recordChange("password.set", subject: user.id, before: nil, after: state)
    }
}

/// A password as the audit trail shows it: not at all, but that there is one.
private struct PasswordAuditState: Encodable {
    let email: String
    let mustChange: Bool
}
