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
    public static func scrub(_ secrets: [Secret], from text: String) -> String {
        secrets.filter { !$0.isEmpty }.reduce(text) { text, secret in
            text.split(separator: secret.text, omittingEmptySubsequences: false).joined(separator: mask)
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
