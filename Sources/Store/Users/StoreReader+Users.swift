import Database
import GatewayCore

extension StoreReader {
    /// Every user by e-mail, the bootstrap administrator too.
    public func users() throws -> [UserRecord] {
        try users(where: "", [])
    }

    /// The user with this normalised e-mail; nil if there is none.
    public func user(email: String) throws -> UserRecord? {
        try users(where: "WHERE u.email = $1", [.text(email)]).first
    }

    /// Whether the user has a password that they have to change before anything else.
    public func mustChangePassword(userID: String) throws -> Bool {
        try connection.query("SELECT must_change FROM passwords WHERE user_id = $1", [.text(userID)]).first?
            .bool("must_change") ?? false
    }

    private func users(where condition: String, _ arguments: [SQLValue]) throws -> [UserRecord] {
        let ids = "SELECT u.id FROM users u \(condition)"
        let models = try GrantTable.user.listed(owners: ids, arguments, on: connection)
        // A user is edited together with their membership, so the version counts the changes of both rows.
        return try connection.query(
            """
            SELECT u.id, u.email, u.name, u.status, u.global_role, u.auth_mode, u.oidc_provider_key, u.is_bootstrap,
                u.all_models, u.request_logging, u.managed_by, u.version + COALESCE(m.version, 0) AS version,
                t.key AS team_key, m.role
            FROM users u LEFT JOIN memberships m ON m.user_id = u.id LEFT JOIN teams t ON t.id = m.team_id
            \(condition) ORDER BY u.email
            """, arguments
        ).map { try Self.user($0, models: models) }
    }

    private static func user(_ row: Row, models: [String: Set<String>]) throws -> UserRecord {
        let id = try row.text("id")
        let team = try row.optionalText("team_key")
        return UserRecord(
            id: id,
            definition: UserDefinition(
                email: try row.text("email"), name: try row.text("name"), authMode: try row.enumValue("auth_mode"),
                oidcProviderKey: try row.optionalText("oidc_provider_key"),
                globalRole: try row.enumValue("global_role"),
                isRequestLoggingEnabled: try row.bool("request_logging"),
                allowedModels: GrantTable.grant(hasAll: try row.bool("all_models"), id: id, listed: models)),
            status: try row.enumValue("status"), isBootstrap: try row.bool("is_bootstrap"),
            membership: try team.map { Membership(team: $0, role: try row.enumValue("role")) },
            managedBy: try row.enumValue("managed_by"), version: try row.int64("version"))
    }
}
