/// The simulator's rule for counting tokens, which its usage follows.
///
/// A text has one token per four bytes of UTF-8, rounded up. A prompt has the tokens of each message's text and three
/// per message; other content (images, files, tool definitions) has no tokens. An answer has the tokens of its texts,
/// and of the name and the arguments of its tool calls.
public enum SimulatedTokens {
    /// The bytes of one token.
    public static let bytesPerToken = 4
    /// The tokens of a message besides its text.
    public static let perMessage = 3

    /// The tokens of a text of this many bytes.
    public static func count(bytes: Int) -> Int {
        (bytes + bytesPerToken - 1) / bytesPerToken
    }

    /// The tokens of a text.
    public static func count(_ text: String) -> Int {
        count(bytes: text.utf8.count)
    }
}
