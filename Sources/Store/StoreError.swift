public import Database
public import GatewayCore

/// Why a query or a mutation of the store failed.
public enum StoreError: Error, Sendable, Hashable {
    /// A key with this public id already exists.
    case duplicatePublicID(String)
    /// The file owns a valid key of this name already.
    case duplicateName(String)
    /// A team with this key already exists.
    case duplicateTeam(String)
    /// A user with this e-mail already exists.
    case duplicateUser(String)
    /// This user or team already has a budget.
    case duplicateBudget(BudgetScope)
    /// A user who has signed in before cannot be made to sign in another way.
    case authModeFixed(String)
    /// There is no user or team of this name.
    case noSuchOwner(KeyOwner)
    /// There is no team with this key.
    case noSuchTeam(String)
    /// The stored thing does not have the version that the change expected; `current` is what is stored now, nil if
    /// nothing is.
    case stale(current: StoredRecord?)
    /// The database failed; nothing was changed.
    case database(DatabaseError)

    /// One line for the operator, without SQL and secrets.
    public var message: String {
        switch self {
        case .duplicatePublicID(let publicID): "An API key with the public id \(publicID) already exists."
        case .duplicateName(let name): "A valid API key of the configuration file is already named \(name)."
        case .duplicateTeam(let key): "Team \(key) already exists."
        case .duplicateUser(let email): "User \(email) already exists."
        case .duplicateBudget(let scope): "A budget of \(scope.text) already exists."
        case .authModeFixed(let email): "The user \(email) has signed in before, so the way to sign in cannot change."
        case .noSuchOwner(.user(let email)): "There is no user \(email)."
        case .noSuchOwner(.team(let key)), .noSuchTeam(let key): "There is no team \(key)."
        case .stale(let current?):
            "Another change came first: the \(current.label) has version \(current.version) now."
        case .stale(nil): "Another change came first: what was to be changed does not exist."
        case .database(let error): error.message
        }
    }

    /// Whether a value that was asked for is at fault, such as one with a zero character, and not the database.
    public var concernsValue: Bool {
        if case .database(let error) = self { error.concernsValue } else { false }
    }

    /// What the operator can do about it at the database, if there is something to do.
    public var hint: String? {
        if case .database(let error) = self { error.hint } else { nil }
    }
}

extension StoreError: CustomStringConvertible {
    /// The message, then the hint.
    public var description: String {
        [message, hint].compactMap(\.self).joined(separator: " ")
    }
}
