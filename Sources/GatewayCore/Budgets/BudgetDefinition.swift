/// The length of a budget's window; weeks begin on Monday.
public enum BudgetCadence: String, Sendable, CaseIterable {
    case daily, weekly, monthly
}

/// The owner of the spend that a budget limits.
public enum BudgetScope: Sendable, Hashable {
    /// A user, by normalised e-mail address.
    case user(String)
    /// A team, by its key.
    case team(String)

    /// `user:<email>` or `team:<key>`.
    public var text: String {
        switch self {
        case .user(let email): "user:\(email)"
        case .team(let key): "team:\(key)"
        }
    }
}

/// A limit of spend per window of time.
public struct BudgetDefinition: Sendable, Hashable {
    /// It never changes.
    public let scope: BudgetScope
    /// The length of a window.
    public let cadence: BudgetCadence
    /// Per window; zero allows only free routes.
    public let amount: Money
    /// Whether the budget refuses requests; a soft one only alerts.
    public let isHardLimit: Bool
    /// The IANA time zone that the windows follow.
    public let timeZone: String

    public init(scope: BudgetScope, cadence: BudgetCadence, amount: Money, isHardLimit: Bool, timeZone: String) {
        self.scope = scope
        self.cadence = cadence
        self.amount = amount
        self.isHardLimit = isHardLimit
        self.timeZone = timeZone
    }
}
