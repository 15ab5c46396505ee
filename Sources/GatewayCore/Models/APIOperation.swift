/// The operation that a request asks a model for; each is a family of the API.
public enum APIOperation: String, Sendable, CaseIterable {
    case chat
    case responses
    case embeddings

    /// The capability that every request of the operation needs.
    public var capability: Capability {
        switch self {
        case .chat: .chatCompletions
        case .responses: .responses
        case .embeddings: .embeddings
        }
    }
}
