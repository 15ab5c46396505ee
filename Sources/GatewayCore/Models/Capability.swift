/// Something that a request can ask of a route, and that a route either can do or can't.
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
