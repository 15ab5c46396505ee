public import GatewayCore
public import NIOCore

/// What the gateway needs to know of a request to a model, whatever family it is of.
public enum APIRequest: Sendable, Equatable {
    case chat(ChatRequest)
    case responses(ResponsesRequest)
    case embeddings(EmbeddingsRequest)

    /// Reads the body of a request of `operation`, once, from front to back; errors as `ChatRequest.scan`.
    public static func scan(_ body: ByteBuffer, of operation: APIOperation) throws(GatewayError) -> APIRequest {
        switch operation {
        case .chat: .chat(try ChatRequest.scan(body))
        case .responses: .responses(try ResponsesRequest.scan(body))
        case .embeddings: .embeddings(try EmbeddingsRequest.scan(body))
        }
    }

    /// The family.
    public var operation: APIOperation {
        switch self {
        case .chat: .chat
        case .responses: .responses
        case .embeddings: .embeddings
        }
    }

    /// The requested model, escapes resolved. Never empty.
    public var model: String {
        switch self {
        case .chat(let request): request.model
        case .responses(let request): request.model
        case .embeddings(let request): request.model
        }
    }

    /// Whether the answer is to be a stream.
    public var stream: Bool {
        switch self {
        case .chat(let request): request.stream
        case .responses(let request): request.stream
        case .embeddings: false
        }
    }

    /// What a route must be able to do to serve this request.
    public var required: CapabilitySet {
        switch self {
        case .chat(let request): request.required
        case .responses(let request): request.required
        case .embeddings: .embeddings
        }
    }

    /// The first field that refers to something that the provider keeps, and so to what another caller may have put there.
    public var stateField: String? {
        switch self {
        case .chat(let request): request.stateField
        case .responses(let request): request.stateField
        case .embeddings: nil
        }
    }

    /// The kept response that this one goes on from; nil if it begins anew.
    public var previousResponseID: String? {
        if case .responses(let request) = self { request.previousResponseID } else { nil }
    }

    /// Whether the caller wants the response to be kept.
    public var wantsStore: Bool {
        if case .responses(let request) = self { request.wantsStore } else { false }
    }

    /// Where the provider takes it, under its base address.
    public var path: String {
        switch self {
        case .chat: "/chat/completions"
        case .responses: "/responses"
        case .embeddings: "/embeddings"
        }
    }
}
