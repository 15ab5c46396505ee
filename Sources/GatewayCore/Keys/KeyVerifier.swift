/// Checks a presented key against its record. Pure, so that the request path, `explain` and tests agree.
public enum KeyVerifier {
    /// Checks that the secret of `token` is valid, that the key is neither revoked nor expired, and that its owner is
    /// active.
    ///
    /// The secret comes first: only a caller who has it may learn that the key is revoked or expired. A nil record
    /// takes the same time as a known one.
    /// - Parameter now: microseconds since 1970 UTC.
    public static func verify(_ token: APIKeyToken, against record: KeyRecord?, now: Int64) throws(GatewayError) {
        let presented = SecretHash(of: token.secret)
        guard let record else {
            _ = presented.matches(.unknown)
            throw invalid
        }
        guard isValid(presented, for: record, now: now) else { throw invalid }
        try check(record, now: now)
    }

    /// Whether the secret of `token` is one of the record's that are valid at `now`, whatever else is known of the key.
    public static func hasSecret(_ token: APIKeyToken, of record: KeyRecord, now: Int64) -> Bool {
        isValid(SecretHash(of: token.secret), for: record, now: now)
    }

    private static func isValid(_ presented: SecretHash, for record: KeyRecord, now: Int64) -> Bool {
        var isValid = false
        for secret in record.secrets where secret.hash.matches(presented) {
            isValid = isValid || secret.expiresAt.map { now < $0 } ?? true
        }
        return isValid
    }

    /// Checks everything but the secret.
    public static func check(_ record: KeyRecord, now: Int64) throws(GatewayError) {
        if record.revokedAt != nil {
            throw .client(.apiKeyRevoked, "This API key has been revoked. Ask your administrator for a new one.")
        }
        if let expiry = record.expiresAt, now >= expiry {
            throw .client(.apiKeyExpired, "This API key has expired. Ask your administrator for a new one.")
        }
        guard record.isOwnerActive else {
            throw .client(
                .ownerInactive,
                "The owner of this API key, \(record.owner.text), is not active. Ask your administrator.")
        }
    }

    /// The error for a malformed key, an unknown key and a wrong secret: the same for all three.
    public static let invalid = GatewayError.client(
        .invalidAPIKey, "The API key is not valid. Send it as `Authorization: Bearer gwk_<id>.<secret>`.")
}
