import GatewayCore
import Testing

@Suite struct SecretHashTests {
    /// FIPS 180-4's example: the SHA-256 of "abc".
    static let storedABC = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

    @Test func `Is the named algorithm`() {
        #expect(SecretHash(of: Secret("abc")).stored == Self.storedABC)
    }

    @Test func `Survives storage`() throws {
        var random = SeededGenerator(2)
        for _ in 0..<100 {
            let hash = SecretHash(of: APIKeyToken.generate(using: &random).secret)
            let read = try #require(SecretHash(stored: hash.stored))
            #expect(read == hash)
            #expect(read.matches(hash))
        }
    }

    @Test(arguments: [
        "", "sha256:", "sha512:" + storedABC.dropFirst(7), String(storedABC.dropLast()), storedABC + "0",
        String(storedABC.dropFirst(7)), storedABC.dropLast() + "g", storedABC.dropLast(2) + "é",
    ])
    func `Refuses other forms`(text: String) {
        #expect(SecretHash(stored: text) == nil)
    }

    @Test(arguments: 0..<64) func `A difference anywhere is seen`(digit: Int) throws {
        var digits = Array(Self.storedABC)
        let index = "sha256:".count + digit
        digits[index] = digits[index] == "0" ? "1" : "0"
        let other = try #require(SecretHash(stored: String(digits)))
        let hash = SecretHash(of: Secret("abc"))
        #expect(!hash.matches(other))
        #expect(!other.matches(hash))
    }

    @Test func `Nothing matches the unknown`() {
        #expect(!SecretHash(of: Secret("")).matches(.unknown))
        #expect(!SecretHash(of: Secret("abc")).matches(.unknown))
    }
}
