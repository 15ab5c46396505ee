/// The actor of a change. Every mutation of the store takes one and writes it to the audit trail.
public struct AuditActor: Sendable, Hashable {
    /// The kind of actor.
    public enum Kind: String, Sendable {
        /// An operator at the command line.
        case command
        /// The seeding of `gateway.yaml`.
        case file
        /// The gateway itself.
        case system
        /// A signed-in user.
        case user
    }

    public let kind: Kind
    /// For a command, the operating system's user name; for a user, the e-mail address.
    public let name: String
    /// The id of a user; nil for other kinds.
    public let userID: String?
    /// The client's address; nil without a client.
    public let address: String?
    /// The id of the admin API request that made the change.
    public let requestID: String?

    public init(
        kind: Kind, name: String, userID: String? = nil, address: String? = nil, requestID: String? = nil
    ) {
        self.kind = kind
        self.name = name
        self.userID = userID
        self.address = address
        self.requestID = requestID
    }
}
