/// The length of a budget's window; weeks begin on Monday.
public enum BudgetCadence: String, Sendable, CaseIterable {
    case daily, weekly, monthly
}

/// Whose spend a budget limits.
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
    /// Whose spend it limits. It does not change.
    public let scope: BudgetScope
    /// How long a window is.
    public let cadence: BudgetCadence
    /// Per window; zero allows only free routes.
    public let amount: Money
    /// Whether the limit refuses requests; a soft one only alerts.
    public let isHardLimit: Bool
    /// Of the IANA database; the windows follow it.
    public let timeZone: String

    /// A budget with all that is said of it.
    public init(scope: BudgetScope, cadence: BudgetCadence, amount: Money, isHardLimit: Bool, timeZone: String) {
        self.scope = scope
        self.cadence = cadence
        self.amount = amount
        self.isHardLimit = isHardLimit
        self.timeZone = timeZone
    }
}
