/// Who makes a change. Every mutation of the store takes one and writes it to the audit trail.
public struct Actor: Sendable, Hashable {
    /// What kind of doer it is.
    public enum Kind: String, Sendable {
        /// Somebody at the command line.
        case command
        /// `gateway.yaml`, by seeding.
        case file
        /// The gateway itself.
        case system
    }

    public let kind: Kind
    /// Who exactly: for a command, the operating system's user name.
    public let name: String

    public init(kind: Kind, name: String) {
        self.kind = kind
        self.name = name
    }
}
