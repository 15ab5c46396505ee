public import Database
public import GatewayCore

/// Why a query or a mutation of the store failed.
public enum StoreError: Error, Sendable, Hashable {
    /// There is a key with this public id already.
    case duplicatePublicID(String)
    /// `gateway.yaml` has a valid key of this name already.
    case duplicateName(String)
    /// There is a team with this key already.
    case duplicateTeam(String)
    /// There is a user with this e-mail already.
    case duplicateUser(String)
    /// There is a budget of this user or team already.
    case duplicateBudget(BudgetScope)
    /// Somebody who has signed in before cannot be made to sign in another way.
    case authModeFixed(String)
    /// There is no user or team of this name.
    case noSuchOwner(KeyOwner)
    /// There is no team with this key.
    case noSuchTeam(String)
    /// The database failed; nothing was changed.
    case database(DatabaseError)

    /// One line for the operator, without SQL and secrets.
    public var message: String {
        switch self {
        case .duplicatePublicID(let publicID): "There is an API key with the public id \(publicID) already."
        case .duplicateName(let name): "There is an API key named \(name) in gateway.yaml already."
        case .duplicateTeam(let key): "There is a team \(key) already."
        case .duplicateUser(let email): "There is a user \(email) already."
        case .duplicateBudget(let scope): "There is a budget of \(scope.text) already."
        case .authModeFixed(let email): "The user \(email) has signed in before, so the way to sign in cannot change."
        case .noSuchOwner(.user(let email)): "There is no user \(email)."
        case .noSuchOwner(.team(let key)), .noSuchTeam(let key): "There is no team \(key)."
        case .database(let error): error.message
        }
    }

    /// What the operator can do about it, if there is something to do.
    public var hint: String? {
        switch self {
        case .noSuchOwner(.user): "List the user in gateway.yaml."
        case .noSuchOwner(.team), .noSuchTeam: "List the team in gateway.yaml."
        case .database(let error): error.hint
        case .authModeFixed: "Set it back in gateway.yaml, or reset the user's onboarding."
        case .duplicatePublicID, .duplicateName, .duplicateTeam, .duplicateUser, .duplicateBudget: nil
        }
    }
}

extension StoreError: CustomStringConvertible {
    /// The message, then the hint.
    public var description: String {
        [message, hint].compactMap(\.self).joined(separator: " ")
    }
}
