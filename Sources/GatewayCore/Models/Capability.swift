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

/// A set of capabilities, small enough to be compared on every request.
public struct CapabilitySet: OptionSet, Sendable, Hashable {
    public let rawValue: UInt16

    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// The set with just `capability` in it.
    public init(_ capability: Capability) {
        switch capability {
        case .chatCompletions: self = .chatCompletions
        case .responses: self = .responses
        case .embeddings: self = .embeddings
        case .stream: self = .stream
        case .tools: self = .tools
        case .vision: self = .vision
        case .audio: self = .audio
        case .files: self = .files
        case .jsonSchema: self = .jsonSchema
        case .developerRole: self = .developerRole
        }
    }

    public static let chatCompletions = CapabilitySet(rawValue: 1 << 0)
    public static let responses = CapabilitySet(rawValue: 1 << 1)
    public static let embeddings = CapabilitySet(rawValue: 1 << 2)
    public static let stream = CapabilitySet(rawValue: 1 << 3)
    public static let tools = CapabilitySet(rawValue: 1 << 4)
    public static let vision = CapabilitySet(rawValue: 1 << 5)
    public static let audio = CapabilitySet(rawValue: 1 << 6)
    public static let files = CapabilitySet(rawValue: 1 << 7)
    public static let jsonSchema = CapabilitySet(rawValue: 1 << 8)
    public static let developerRole = CapabilitySet(rawValue: 1 << 9)

    /// Every capability there is.
    public static let all = CapabilitySet(Capability.allCases.map(CapabilitySet.init))

    /// The members in their declared order, for messages.
    public var members: [Capability] {
        Capability.allCases.filter { contains(CapabilitySet($0)) }
    }
}
