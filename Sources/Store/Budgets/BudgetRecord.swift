public import GatewayCore

/// A stored budget.
public struct BudgetRecord: Sendable, Hashable {
    public let id: String
    public let definition: BudgetDefinition
    /// Who may change it.
    public let managedBy: ManagedBy
    /// Rises with every change.
    public let version: Int64
}

/// A budget as the audit trail shows it.
struct BudgetAuditState: Encodable {
    let scope: String
    let cadence: String
    let amountUsd: String
    let hardLimit: Bool
    let timezone: String
    let managedBy: String

    init(_ budget: BudgetRecord) {
        scope = budget.definition.scope.text
        cadence = budget.definition.cadence.rawValue
        amountUsd = budget.definition.amount.decimal
        hardLimit = budget.definition.isHardLimit
        timezone = budget.definition.timeZone
        managedBy = budget.managedBy.rawValue
    }
}
