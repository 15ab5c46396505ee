/// A value that must appear in no log, error, page or file: a provider credential, a key's secret, a password.
///
/// It cannot be printed, described, mirrored or encoded. Only `reveal()` returns the text; review each call of it.
public struct Secret: Sendable, Hashable {
    private let text: String

    /// Wraps `text`. Do not keep other copies of it.
    public init(_ text: String) {
        self.text = text
    }

    /// The text itself, for the one place that has to send or compare it.
    public func reveal() -> String {
        text
    }

    /// `text` with each of `secrets` replaced by the mask.
    ///
    /// It compares bytes, not characters: a combining mark after a secret would change its last character. It replaces
    /// the longest secret first, so that no part is left of a secret that begins with another one.
    public static func redact(_ secrets: [Secret], from text: String) -> String {
        secrets.filter { !$0.isEmpty }.sorted { $0.text.utf8.count > $1.text.utf8.count }.reduce(text) { text, secret in
            text.utf8.split(separator: secret.text.utf8, omittingEmptySubsequences: false)
                .map { String(Substring($0)) }.joined(separator: mask)
        }
    }

    /// Whether the text is empty.
    public var isEmpty: Bool { text.isEmpty }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Replaces a secret wherever it would be shown.
    public static let mask = "••••••••"

    public var description: String { Self.mask }
    public var debugDescription: String { Self.mask }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
