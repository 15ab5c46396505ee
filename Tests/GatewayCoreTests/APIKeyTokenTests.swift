import GatewayCore
import Testing

@Suite struct APIKeyTokenTests {
    static func letters(_ count: Int) -> String { String(repeating: "a", count: count) }

    @Test(arguments: [
        ("gwk_abcdefgh.s", "abcdefgh", "s"),
        ("gwk_\(letters(40)).secret", letters(40), "secret"),
        ("gwk_ABCxyz019.se.cret", "ABCxyz019", "se.cret"),
        ("gwk_abcdefgh.\(letters(256))", "abcdefgh", letters(256)),
        ("gwk_abcdefgh.!~\"\\", "abcdefgh", "!~\"\\"),
    ])
    func `Is read`(text: String, publicID: String, secret: String) throws {
        let token = try #require(APIKeyToken(text))
        #expect(token.publicID == publicID)
        #expect(token.secret.reveal() == secret)
        #expect(token.text.reveal() == text)
    }

    @Test(arguments: [
        "", "gwk_", "gwk_abcdefgh", "gwk_abcdefgh.", "gwk_abcdefg.s", "gwk_\(letters(41)).s", "GWK_abcdefgh.s",
        "abcdefgh.s",
        "gwk_abc-efgh.s", "gwk_abc_efgh.s", "gwk_abcdefgé.s", "gwk_.s", "gwk_abcdefgh.a b", "gwk_abcdefgh.a\tb",
        "gwk_abcdefgh.ü", "gwk_abcdefgh.a\u{7F}", "gwk_abcdefgh.\(letters(257))", " gwk_abcdefgh.s", "gwk_abcdefgh.s\n",
    ])
    func `Is refused`(text: String) {
        #expect(APIKeyToken(text) == nil)
    }

    @Test func `Is generated in its own form`() throws {
        var random = SeededGenerator(1)
        let tokens = (0..<1000).map { _ in APIKeyToken.generate(using: &random) }
        #expect(Set(tokens.map(\.publicID)).count == 1000)
        #expect(Set(tokens.map(\.secret)).count == 1000)
        for token in tokens {
            #expect(token.publicID.count == 16)
            #expect(token.secret.reveal().count == 43)
            let read = try #require(APIKeyToken(token.text.reveal()))
            #expect(read.publicID == token.publicID)
            #expect(read.secret == token.secret)
        }
    }
}
