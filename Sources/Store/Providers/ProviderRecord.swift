public import GatewayCore

/// A stored provider.
public struct ProviderRecord: Sendable, Hashable {
    public let definition: ProviderDefinition
    /// Who may change it.
    public let managedBy: ManagedBy
    /// Rises with every change.
    public let version: Int64
    /// A retired one is invisible, and there for history only.
    public let isRetired: Bool
}

/// A provider as the audit trail shows it.
struct ProviderAuditState: Encodable {
    let settings: String
    let retired: Bool
    let managedBy: String

    init(_ provider: ProviderRecord) {
        settings = provider.definition.settings
        retired = provider.isRetired
        managedBy = provider.managedBy.rawValue
    }
}
