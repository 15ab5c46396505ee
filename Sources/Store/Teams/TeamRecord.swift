public import GatewayCore

/// What the manager of a team says of it.
public struct TeamDefinition: Sendable, Hashable {
    /// What users and keys refer to it by. It does not change.
    public let key: String
    /// For people.
    public let name: String
    /// Which models its members and keys may ask for.
    public let allowedModels: ModelGrant

    /// A team with all that is said of it.
    public init(key: String, name: String, allowedModels: ModelGrant) {
        self.key = key
        self.name = name
        self.allowedModels = allowedModels
    }
}

/// A stored team.
public struct TeamRecord: Sendable, Hashable {
    public let id: String
    public let definition: TeamDefinition
    /// Keys of an inactive team, and of its members, are refused.
    public let isActive: Bool
    /// Who may change it.
    public let managedBy: ManagedBy
    /// Rises with every change.
    public let version: Int64
}

/// A team as the audit trail shows it.
struct TeamAuditState: Encodable {
    let key: String
    let name: String
    /// Nil means all models.
    let models: [String]?
    let status: String
    let managedBy: String

    init(_ team: TeamRecord) {
        key = team.definition.key
        name = team.definition.name
        models = team.definition.allowedModels.audited
        status = team.isActive ? "active" : "inactive"
        managedBy = team.managedBy.rawValue
    }
}
