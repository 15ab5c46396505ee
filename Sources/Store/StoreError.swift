public import Database

/// Why a query or a mutation of the store failed.
public enum StoreError: Error, Sendable, Hashable {
    /// There is a key with this public id already.
    case duplicatePublicID(String)
    /// `gateway.yaml` has a valid key of this name already.
    case duplicateName(String)
    /// The database failed; nothing was changed.
    case database(DatabaseError)

    /// One line for the operator, without SQL and secrets.
    public var message: String {
        switch self {
        case .duplicatePublicID(let publicID): "There is an API key with the public id \(publicID) already."
        case .duplicateName(let name): "There is an API key named \(name) in gateway.yaml already."
        case .database(let error): error.message
        }
    }

    /// What the operator can do about it, if there is something to do.
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
