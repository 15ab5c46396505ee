/// What a caller's software says about itself, for attribution only: nothing is decided by it, and it is never trusted.
public struct ClientFacts: Sendable, Hashable {
    /// The session or conversation that the request belongs to.
    public var session: String?
    /// The agent within the session.
    public var agent: String?
    /// The program, such as `codex_exec` or `claude-cli/2.1.332`.
    public var client: String?

    /// The longest value that is kept, in bytes.
    public static let maxBytes = 128

    public init(session: String? = nil, agent: String? = nil, client: String? = nil) {
        self.session = session
        self.agent = agent
        self.client = client
    }

    /// `value` if it is 1 to 128 visible ASCII characters, as ids are; nil for anything else, and for a value with a
    /// key of the gateway in it, which a caller may have put into the wrong header.
    public static func identifier(_ value: String) -> String? {
        let isPlain = value.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        guard (1...maxBytes).contains(value.utf8.count), isPlain, !value.contains(APIKeyToken.prefix) else {
            return nil
        }
        return value
    }

    /// The first product of a `User-Agent` (RFC 9110, section 10.1.5), such as `OpenAI/Python`.
    public static func product(of userAgent: String) -> String? {
        identifier(String(Substring(userAgent.utf8.prefix(maxBytes).prefix { $0 != UInt8(ascii: " ") })))
    }
}
