/// Who makes a change. Every mutation of the store takes one and writes it to the audit trail.
public struct AuditActor: Sendable, Hashable {
    /// What kind of doer it is.
    public enum Kind: String, Sendable {
        /// Somebody at the command line.
        case command
        /// `gateway.yaml`, by seeding.
        case file
        /// The gateway itself.
        case system
        /// Somebody who has signed in.
        case user
    }

    public let kind: Kind
    /// Who exactly: for a command, the operating system's user name; for a user, the e-mail address.
    public let name: String
    /// The id of a user; nil for everybody else.
    public let userID: String?
    /// The client's address, where there is a client.
    public let address: String?
    /// Of the admin API's request that asked for the change.
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
