/// A value that must appear in no log, error, page or file: a provider credential, a key's secret, a password.
///
/// It cannot be printed, described, mirrored or encoded. `reveal()` is the one way to the text; each call of it is a place
/// to review.
public struct Secret: Sendable, Hashable {
    private let text: String

    /// Wraps `text`, which the caller should then forget.
    public init(_ text: String) {
        self.text = text
    }

    /// The text itself, for the one place that has to send or compare it.
    public func reveal() -> String {
        text
    }

    /// `text` with the mask in the place of each of `secrets`.
    ///
    /// Bytes are compared, not characters: a combining mark after a secret would make another character of its last one. The
    /// longest goes first, so that nothing is left of a secret that begins like another.
    public static func redact(_ secrets: [Secret], from text: String) -> String {
        secrets.filter { !$0.isEmpty }.sorted { $0.text.utf8.count > $1.text.utf8.count }.reduce(text) { text, secret in
            text.utf8.split(separator: secret.text.utf8, omittingEmptySubsequences: false)
                .map { String(Substring($0)) }.joined(separator: mask)
        }
    }

    /// Whether the text is empty, which can be asked without revealing it.
    public var isEmpty: Bool { text.isEmpty }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// What stands wherever a secret would be shown.
    public static let mask = "••••••••"

    public var description: String { Self.mask }
    public var debugDescription: String { Self.mask }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
