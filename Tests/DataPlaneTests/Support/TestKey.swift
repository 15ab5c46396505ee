import GatewayCore

/// The keys of every gateway under test, and an unknown one.
enum TestKey {
    static let good = "gwk_goodgood.0123456789abcdef0123456789abcdef"
    /// May use `m` only.
    static let limited = "gwk_limited1.0123456789abcdef0123456789abcdef"
    static let revoked = "gwk_revoked1.0123456789abcdef0123456789abcdef"
    static let expired = "gwk_expired1.0123456789abcdef0123456789abcdef"
    static let unknown = "gwk_unknown1.0123456789abcdef0123456789abcdef"
    static let wrongSecret = "gwk_goodgood.another-secret-another-secret-00"

    static let records = [
        record(good), record(limited, grant: .listed(["m"])), record(revoked, revokedAt: 1),
        record(expired, expiresAt: 1),
    ]

    static func record(
        _ text: String, grant: ModelGrant = .all, isOwnerActive: Bool = true, expiresAt: Int64? = nil,
        revokedAt: Int64? = nil
    ) -> KeyRecord {
        let token = APIKeyToken(text) ?? APIKeyToken(publicID: "malformed", secret: Secret(""))
        return KeyRecord(
            id: token.publicID, publicID: token.publicID, name: "test", owner: .systemLegacy,
            isOwnerActive: isOwnerActive,
            grant: grant,
            secrets: [KeySecret(hash: SecretHash(of: token.secret))], createdAt: 0, expiresAt: expiresAt,
            revokedAt: revokedAt)
    }
}
