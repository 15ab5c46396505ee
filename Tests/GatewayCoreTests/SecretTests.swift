import GatewayCore
import Testing

/// A secret shows itself nowhere, however it is asked, and whatever it is part of.
@Suite struct SecretTests {
    struct Holder {
        let name = "holder"
        let secret: Secret
        let optional: Secret?
        let list: [Secret]
        let table: [String: Secret]
    }

    static let text = "hunter2-hunter2"
    static let secret = Secret(text)
    static let holder = Holder(secret: secret, optional: secret, list: [secret], table: ["a": secret])
    static let token = APIKeyToken(publicID: "abcdefgh", secret: secret)
    static let everything: [any Sendable] = [secret, Optional(secret) as any Sendable, [secret], holder, token]

    @Test(arguments: everything.indices) func `Is not shown`(index: Int) {
        let value: Any = Self.everything[index]
        var dumped = ""
        dump(value, to: &dumped)
        for shown in ["\(value)", String(describing: value), String(reflecting: value), dumped] {
            #expect(!shown.contains("hunter2"), "\(shown)")
            #expect(shown.contains(Secret.mask))
        }
    }

    @Test func `Describes itself as the mask`() {
        #expect(Self.secret.description == Secret.mask)
        #expect(Self.secret.debugDescription == Secret.mask)
        #expect(Mirror(reflecting: Self.secret).children.isEmpty)
    }

    @Test func `Cannot be encoded`() {
        let value: Any = Self.secret
        #expect(!(value is any Encodable))
        #expect(!(value is any LosslessStringConvertible))
        #expect(!(value is any RawRepresentable))
    }

    @Test func `Reveals itself only when asked`() {
        #expect(Self.secret.reveal() == Self.text)
        #expect(!Self.secret.isEmpty)
        #expect(Secret("").isEmpty)
        #expect(Self.secret == Secret(Self.text))
        #expect(Self.secret != Secret("hunter3"))
    }

    @Test(
        arguments: [
            ("abc", "••••••••"), ("x abc, abc.", "x ••••••••, ••••••••."), ("abcdef", "••••••••"),
            ("abcde", "••••••••de"),
            ("abc\u{301}", "••••••••\u{301}"), ("\u{65}abc\u{200D}", "e••••••••\u{200D}"), ("ab", "ab"), ("", ""),
        ])
    func `Is taken out of texts`(text: String, scrubbed: String) {
        let secrets = [Secret("abc"), Secret("abcdef"), Secret("")]
        #expect(Array(Secret.redact(secrets, from: text).utf8) == Array(scrubbed.utf8))
    }
}
