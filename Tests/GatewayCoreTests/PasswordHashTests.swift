import GatewayCore
import Testing

@Suite struct PasswordHashTests {
    @Test func `A password matches its own hash, through the stored form too`() throws {
        let hash = try PasswordHash(of: Secret("correct horse"), cost: .weak)
        let read = try #require(PasswordHash(stored: hash.stored))
        #expect(read == hash)
        #expect(try read.matches(Secret("correct horse")))
        #expect(try !read.matches(Secret("correct horsf")))
        #expect(try !read.matches(Secret("")))
        #expect(hash.stored.hasPrefix("$scrypt$ln=4,r=8,p=1$"))
        #expect(!hash.stored.contains("correct"))
    }

    @Test func `The same password has another hash each time`() throws {
        let one = try PasswordHash(of: Secret("x"), cost: .weak)
        let two = try PasswordHash(of: Secret("x"), cost: .weak)
        #expect(one.stored != two.stored)
    }

    /// RFC 7914, section 12: scrypt("pleaseletmein", "SodiumChloride", N = 16384, r = 8, p = 1), its first 32 bytes.
    @Test func `It is the scrypt of the standard`() throws {
        let hash = "cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofI="
        let stored = "$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU=$\(hash)"
        let read = try #require(PasswordHash(stored: stored))
        #expect(try read.matches(Secret("pleaseletmein")))
        #expect(try !read.matches(Secret("pleaseletmeout")))
    }

    @Test(arguments: [
        "", "x", "$scrypt$ln=4,r=8,p=1$AAAA", "$scrypt$ln=40,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA==$AAAA",
        "$scrypt$ln=4,r=8$AAAAAAAAAAAAAAAAAAAAAA==$AAAA", "$argon2$ln=4,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA==$AAAA",
    ])
    func `What is no hash is not read`(text: String) {
        #expect(PasswordHash(stored: text) == nil)
    }
}
