/// A feature that a request may need, and that a route supports or not.
///
/// The raw values are the names used in `gateway.yaml`, in errors and in `explain`.
public enum Capability: String, Sendable, Hashable, CaseIterable {
    case chatCompletions = "chat_completions"
    case responses
    case embeddings
    case stream
    case tools
    case vision
    case audio
    case files
    case jsonSchema = "json_schema"
    case developerRole = "developer_role"
}
