/// What a person may do in the gateway as a whole.
public enum GlobalRole: String, Sendable, CaseIterable {
    case user
    case platformAdmin = "platform_admin"
}

/// What a person may do in a team.
public enum TeamRole: String, Sendable, CaseIterable {
    case owner, admin, member
}

/// How a person signs in.
public enum AuthMode: String, Sendable, CaseIterable {
    case password, oidc
}

/// The state of a person's account.
public enum UserStatus: String, Sendable, CaseIterable {
    /// Has not accepted the invitation yet; none of their keys works.
    case invited
    case active
    case disabled
}
