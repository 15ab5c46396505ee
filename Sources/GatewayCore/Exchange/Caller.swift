/// The owner of a request: the ids of its key and of the key's owner at its arrival.
public struct Caller: Sendable, Hashable {
    /// The id of the key's row.
    public let keyID: String
    /// The public part of the key, for lists and logs.
    public let keyPublicID: String
    /// The id of the user who owns the key; nil for a key of a team.
    public let userID: String?
    /// The id of the team that owns the key, or that its user belongs to; nil for a user without one.
    public let teamID: String?

    public init(keyID: String, keyPublicID: String, userID: String? = nil, teamID: String? = nil) {
        self.keyID = keyID
        self.keyPublicID = keyPublicID
        self.userID = userID
        self.teamID = teamID
    }
}
