/// Finds secrets that stand behind JSON escapes, also behind those of a JSON text within a string: a provider that
/// quotes the answer of another one escapes it, and `topsecret\u0076alue` is as good as the secret.
package enum EscapedSecrets {
    /// How often a text is taken for the contents of a JSON string.
    private static let maxDepth = 3

    /// The text without secrets; its escapes are resolved if one was found behind them.
    /// - Parameter redact: removes secrets from a text.
    package static func redacted(_ text: String, by redact: (String) -> String) -> String {
        var clean = redact(text)
        var resolved = clean
        for _ in 0..<maxDepth {
            let next = JSONText.resolvingEscapes(in: resolved)
            guard next != resolved else { break }
            resolved = redact(next)
            if resolved != next { clean = resolved }
        }
        return clean
    }
}
