/// What a request asks of a model: the families of the API.
public enum APIOperation: String, Sendable, CaseIterable {
    case chat
    case responses
    case embeddings

    /// What a route has to be able to do for it, whatever else the request needs.
    public var capability: Capability {
        switch self {
        case .chat: .chatCompletions
        case .responses: .responses
        case .embeddings: .embeddings
        }
    }
}
