import NIOCore
import Testing
import WireFormats

/// A secret that a provider echoes is as good as the secret when it is written with escapes.
@Suite struct EscapedSecretsTests {
    private static let secret = "top/secret+value"

    private func redact(_ text: String) -> String { text.replacing(Self.secret, with: "•") }

    @Test(arguments: [
        #"is top/secret+value here"#, #"is top\/secret+value here"#, #"is top\/secret\u002bvalue here"#,
        #"{\"k\":\"top\\/secret\\u002Bvalue\"}"#, #"\u0074op/secret+value"#,
    ])
    func `A secret is removed behind escapes`(text: String) {
        let clean = EscapedSecrets.redacted(text, by: redact)
        #expect(clean.contains("•") && !clean.contains("secret"))
        let body = UpstreamErrorBody(message: text, code: text, type: text, param: text).redacted(by: redact)
        for field in [body.message, body.code, body.type, body.param] {
            #expect(field?.contains("secret") == false)
        }
    }

    @Test(arguments: ["", "plain", #"a \/ b \u0041 \\ "#, #"broken \u12 \x"#])
    func `A text without a secret stays as it is`(text: String) {
        #expect(EscapedSecrets.redacted(text, by: redact) == text)
    }
}
