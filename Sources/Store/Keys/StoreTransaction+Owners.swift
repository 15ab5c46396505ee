import Database
import GatewayCore

extension StoreTransaction {
    /// The id of a user or team, in the column of its kind.
    /// - Throws: `StoreError.noSuchOwner`.
    func ownerColumns(_ owner: KeyOwner) throws -> (user: String?, team: String?) {
        let row =
            switch owner {
            case .user(let email): try connection.query("SELECT id FROM users WHERE email = $1", [.text(email)]).first
            case .team(let key): try connection.query("SELECT id FROM teams WHERE key = $1", [.text(key)]).first
            }
        guard let id = try row?.text("id") else { throw StoreError.noSuchOwner(owner) }
        return if case .user = owner { (id, nil) } else { (nil, id) }
    }
}
