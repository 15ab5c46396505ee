/// Which rows of the ledger a report is about.
public struct SpendScope: Sendable, Hashable {
    /// A tag or session that the rows have to have.
    public struct Label: Sendable, Hashable {
        /// The tag's key.
        public let key: String
        /// Nil for any value.
        public let value: String?

        /// - Parameter value: nil for any.
        public static func tag(_ key: String, _ value: String? = nil) -> Label { Label(key: key, value: value) }

        /// - Parameter id: nil for any session.
        public static func session(_ id: String? = nil) -> Label {
            Label(key: SumGroup.session, value: id)
        }

        /// Without a price; the value is the reason.
        static let unpriced = Label(key: SumGroup.unpriced, value: nil)
    }

    /// Of the admission: microseconds since 1970 UTC.
    public var range: Range<Int64>
    public var userID: String?
    /// Also the team that the user of a key belonged to then.
    public var teamID: String?
    public var keyID: String?
    /// As the request was resolved.
    public var model: String?
    public var provider: String?
    public var label: Label?

    public init(
        _ range: Range<Int64>, userID: String? = nil, teamID: String? = nil, keyID: String? = nil, model: String? = nil,
        provider: String? = nil, label: Label? = nil
    ) {
        self.range = range
        self.userID = userID
        self.teamID = teamID
        self.keyID = keyID
        self.model = model
        self.provider = provider
        self.label = label
    }

    /// Whether it has every row of its range.
    var isUnfiltered: Bool {
        [userID, teamID, keyID, model, provider].allSatisfy { $0 == nil } && label == nil
    }
}

/// By what the rows of a report are told apart.
public enum SpendDimension: Sendable, Hashable {
    /// The owner of the key: `user:ID`, `service_account:ID` or `team:ID`.
    case owner
    /// The id of the user who owns the key; empty for keys of teams.
    case user
    /// The id of the team that owns the key, or that its user belonged to then; empty without one.
    case team
    /// The key's id.
    case key
    case model
    case provider
    /// The value of the scope's label, which must be there.
    case label

    /// Over the columns of `ledger_hours`.
    var expression: String {
        switch self {
        case .owner:
            """
            CASE WHEN user_id <> '' THEN 'user:' || user_id
                WHEN service_account_id <> '' THEN 'service_account:' || service_account_id
                ELSE 'team:' || team_id END
            """
        case .user: "user_id"
        case .team: "team_id"
        case .key: "api_key_id"
        case .model: "resolved_model"
        case .provider: "provider_id"
        case .label: "label_value"
        }
    }
}
