import GatewayCore

/// An API key as the audit trail shows it.
struct KeyAuditState: Encodable {
    let publicId: String
    let name: String
    let owner: String
    /// Nil means all models.
    let models: [String]?
    /// Microseconds since 1970 UTC, as everywhere.
    let expiresAt: Int64?
    let revokedAt: Int64?

    init(_ key: KeyRecord) {
        publicId = key.publicID
        name = key.name
        owner = key.owner.text
        models = key.grant.audited
        expiresAt = key.expiresAt
        revokedAt = key.revokedAt
    }
}
