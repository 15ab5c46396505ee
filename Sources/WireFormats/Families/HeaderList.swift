/// Headers that a family passes on between the caller and the provider, by the beginning of their names. Their values
/// are not read.
public struct HeaderList: Sendable {
    /// In lower case.
    private let prefixes: [String]

    init(_ prefixes: [String]) {
        self.prefixes = prefixes
    }

    /// Passes nothing on.
    static let none = HeaderList([])

    public var isEmpty: Bool { prefixes.isEmpty }

    /// Whether the header `name`, in any case, is passed on. Never one that carries a credential, frames the request or
    /// is the gateway's own, whatever the list says.
    public func contains(_ name: String) -> Bool {
        let name = name.lowercased()
        guard prefixes.contains(where: { name.hasPrefix($0) }) else { return false }
        return !Self.never.contains(name) && !Self.neverPrefixes.contains { name.hasPrefix($0) }
    }

    private static let never: Set<String> = [
        "authorization", "x-api-key", "api-key", "cookie", "set-cookie", "host", "connection", "content-length",
        "content-type", "content-encoding", "transfer-encoding", "te", "trailer", "upgrade", "expect", "keep-alive",
        "accept", "accept-encoding",
    ]
    private static let neverPrefixes = ["x-gateway-", "proxy-"]
}

// MARK: The lists

extension HeaderList {
    /// Chat: OpenAI's switch for features in preview.
    static let chatRequest = HeaderList(["openai-beta"])
    /// Responses: the same, and what Codex sends for its sessions.
    static let responsesRequest = HeaderList([
        "openai-beta", "session-id", "session_id", "thread-id", "originator", "x-codex-", "x-openai-subagent",
    ])
    /// Responses: the state of a turn, which Codex sends back with the next request.
    static let responsesResponse = HeaderList(["x-codex-turn-state", "x-reasoning-included"])
}
