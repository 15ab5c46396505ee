import GatewayCore

/// A key in the output of commands, on the terminal and as JSON.
struct KeyView: Codable {
    let id: String
    let publicID: String
    let name: String
    let owner: String
    /// `all`, or model ids separated by commas.
    let models: String
    let createdAt: String
    let expiresAt: String?
    let revokedAt: String?
    let lastUsedAt: String?
    /// Only in the output of the command that created it.
    let key: String?

    enum CodingKeys: String, CodingKey {
        case id, name, owner, models, key
        case publicID = "public_id"
        case createdAt = "created_at"
        case expiresAt = "expires_at"
        case revokedAt = "revoked_at"
        case lastUsedAt = "last_used_at"
    }

    init(_ record: KeyRecord, token: APIKeyToken? = nil) {
        id = record.id
        publicID = record.publicID
        name = record.name
        owner = record.owner.text
        models =
            switch record.grant {
            case .all: "all"
            case .listed(let ids): ids.sorted().joined(separator: ",")
            }
        createdAt = Terminal.time(record.createdAt)
        expiresAt = record.expiresAt.map(Terminal.time)
        revokedAt = record.revokedAt.map(Terminal.time)
        lastUsedAt = record.lastUsedAt.map(Terminal.time)
        key = token?.text.reveal()
    }

    static let columns = ["PUBLIC ID", "NAME", "OWNER", "MODELS", "STATE", "CREATED", "LAST USED"]

    var cells: [String] {
        let state = revokedAt.map { "revoked \($0)" } ?? expiresAt.map { "expires \($0)" } ?? "valid"
        return [publicID, name, owner, models, state, createdAt, lastUsedAt ?? "never"]
    }
}
