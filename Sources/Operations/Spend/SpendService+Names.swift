import GatewayCore
import Store

extension SpendService {
    /// The ids of what people name. An id is taken even when its user, team or key is no longer there, as long as the
    /// ledger has it.
    /// - Throws: `SpendReportError.unknown` for a name that is neither.
    public func ids(
        user: String?, team: String?, key: String?
    ) async throws -> (user: String?, team: String?, key: String?) {
        try await store.read { reader in
            (
                try user.map { text in
                    let found = try reader.user(email: text.lowercased())?.id
                    return try found ?? Self.id(text, in: .user, reader, "user", "an e-mail address, or the id")
                },
                try team.map { text in
                    let found = try reader.team(key: text)?.id
                    return try found ?? Self.id(text, in: .team, reader, "team", "its key, or its id")
                },
                try key.map { text in
                    let named = try reader.key(publicID: text).map { [$0] } ?? reader.keys(named: text)
                    guard named.count < 2 else {
                        throw SpendReportError.ambiguousKey(text, publicIDs: named.map(\.publicID))
                    }
                    return try named.first?.id
                        ?? Self.id(text, in: .key, reader, "key", "its public id, its name, or its id")
                }
            )
        }
    }

    private static func id(
        _ text: String, in dimension: SpendDimension, _ reader: StoreReader, _ kind: String, _ forms: String
    ) throws -> String {
        var scope = SpendScope(0..<Int64.max / 2)
        switch dimension {
        case .user: scope.userID = text
        case .team: scope.teamID = text
        default: scope.keyID = text
        }
        guard try reader.spendTotal(scope).attempts > 0 else {
            throw SpendReportError.unknown(kind: kind, text, forms: forms)
        }
        return text
    }
}
