import GatewayCore
import Testing

@Suite struct KeyVerifierTests {
    static let now: Int64 = 1_000_000
    static let current = APIKeyToken(publicID: "abcdefgh", secret: Secret("current"))
    static let former = APIKeyToken(publicID: "abcdefgh", secret: Secret("former"))
    static let wrong = APIKeyToken(publicID: "abcdefgh", secret: Secret("wrong"))

    static func record(
        formerUntil: Int64? = nil, expiresAt: Int64? = nil, revokedAt: Int64? = nil
    ) -> KeyRecord {
        let rotated = formerUntil.map { [KeySecret(hash: SecretHash(of: former.secret), expiresAt: $0)] } ?? []
        return KeyRecord(
            id: "1", publicID: "abcdefgh", name: "test", owner: .systemLegacy, grant: .all,
            secrets: rotated + [KeySecret(hash: SecretHash(of: current.secret))], createdAt: 0, expiresAt: expiresAt,
            revokedAt: revokedAt)
    }

    /// The code of the verdict; nil if the key is good.
    static func verdict(_ token: APIKeyToken, _ record: KeyRecord?) -> ErrorCode? {
        do throws(GatewayError) {
            try KeyVerifier.verify(token, against: record, now: now)
            return nil
        } catch {
            return error.code
        }
    }

    @Test func `A good key passes`() {
        #expect(Self.verdict(Self.current, Self.record()) == nil)
    }

    @Test func `Unknown and wrong cannot be distinguished`() {
        for record in [nil, Self.record(), Self.record(expiresAt: 1), Self.record(revokedAt: 1)] {
            #expect(throws: KeyVerifier.invalid) {
                try KeyVerifier.verify(Self.wrong, against: record, now: Self.now)
            }
        }
    }

    @Test func `Revocation is checked before expiry`() {
        #expect(Self.verdict(Self.current, Self.record(expiresAt: 1, revokedAt: 1)) == .apiKeyRevoked)
        #expect(Self.verdict(Self.current, Self.record(revokedAt: Self.now + 1)) == .apiKeyRevoked)
    }

    @Test func `A key ends at its expiry`() {
        #expect(Self.verdict(Self.current, Self.record(expiresAt: Self.now + 1)) == nil)
        #expect(Self.verdict(Self.current, Self.record(expiresAt: Self.now)) == .apiKeyExpired)
        #expect(Self.verdict(Self.current, Self.record(expiresAt: Self.now - 1)) == .apiKeyExpired)
    }

    @Test func `Two secrets are good while one is rotated`() {
        #expect(Self.verdict(Self.current, Self.record(formerUntil: Self.now + 1)) == nil)
        #expect(Self.verdict(Self.former, Self.record(formerUntil: Self.now + 1)) == nil)
        #expect(Self.verdict(Self.former, Self.record(formerUntil: Self.now)) == .invalidAPIKey)
        #expect(Self.verdict(Self.current, Self.record(formerUntil: Self.now)) == nil)
        #expect(Self.verdict(Self.former, Self.record()) == .invalidAPIKey)
    }

    @Test func `The former secret is bound to the key's own end too`() {
        let record = Self.record(formerUntil: Self.now + 1, expiresAt: Self.now)
        #expect(Self.verdict(Self.former, record) == .apiKeyExpired)
    }
}
