/// Why the configured database cannot be used.
public enum DatabaseStartupError: Error, Sendable, Hashable {
    /// `database.kind` is `postgres`, without a `database.url`.
    case noURL
    /// The schema of the database is older than this release's; the labels of what is missing.
    case outdatedSchema(String, pending: [String])

    /// One line for the operator.
    public var message: String {
        switch self {
        case .noURL: "database.kind is postgres, but database.url is not set."
        case .outdatedSchema(let database, let pending):
            "The database \(database) lacks \(pending.joined(separator: ", "))."
        }
    }

    /// What the operator can do about it.
    public var hint: String {
        switch self {
        case .noURL: "Set `database.url` to the server's URL."
        case .outdatedSchema:
            "Run `gateway migrate` with this configuration first, or `gateway serve`, which does it too."
        }
    }
}
