public import GatewayCore

/// Which API keys a list shows: those to which everything that is set applies.
public struct KeyFilter: Sendable, Hashable {
    /// Whether a key can be used, as far as the key itself decides about it.
    public enum Status: String, Sendable, Hashable, CaseIterable {
        /// Neither revoked nor expired.
        case active
        case revoked
        /// Past its time, and not revoked.
        case expired
    }

    /// The user or team that owns the key.
    public var owner: KeyOwner?
    /// At the time of the query.
    public var status: Status?
    /// Occurs in the name or in the public id, whether in capitals or small letters (of ASCII).
    public var text: String?

    /// A filter that lets every key pass, but for what is set.
    public init(owner: KeyOwner? = nil, status: Status? = nil, text: String? = nil) {
        self.owner = owner
        self.status = status
        self.text = text
    }

    /// Every key.
    public static let all = KeyFilter()
}
