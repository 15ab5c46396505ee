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

/// Where a person is between an invitation and the end.
public enum UserStatus: String, Sendable, CaseIterable {
    /// Has not proved yet who they are; nothing of theirs works.
    case invited
    case active
    case disabled
}
