import Database
public import GatewayCore

extension StoreTransaction {
    /// Adds the budget of a scope that has none.
    /// - Throws: `StoreError.duplicateBudget` if it has one, `.noSuchOwner`.
    public func createBudget(_ definition: BudgetDefinition, managedBy manager: ManagedBy) throws {
        let id = newID()
        let owner = try ownerColumns(definition.scope.owner)
        do {
            try connection.execute(
                """
                INSERT INTO budgets (id, user_id, team_id, cadence, amount, hard_limit, timezone, managed_by, version,
                    created_at, updated_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $9)
                """,
                [.text(id), .text(owner.user), .text(owner.team)] + values(of: definition, manager) + [.int64(now)])
        } catch DatabaseError.constraint("budgets_user_id_key"), DatabaseError.constraint("budgets_team_id_key") {
            throw StoreError.duplicateBudget(definition.scope)
        }
        let record = BudgetRecord(id: id, definition: definition, managedBy: manager, version: 1)
        try recordChange("budget.create", subject: id, before: nil, after: BudgetAuditState(record))
    }

    /// Gives a budget what `definition` says, in place of what was said; its scope stays. Changes nothing if it is the
    /// same.
    ///
    /// - Parameter version: the version that the budget has to have; nil for any.
    /// - Throws: `StoreError.stale`.
    public func changeBudget(
        _ budget: BudgetRecord, expecting version: Int64?, to definition: BudgetDefinition,
        managedBy manager: ManagedBy
    ) throws {
        let budget = try current(budget, expecting: version) { try reader.budget(id: budget.id) }
        guard budget.definition != definition || budget.managedBy != manager else { return }
        try connection.execute(
            """
            UPDATE budgets SET cadence = $2, amount = $3, hard_limit = $4, timezone = $5, managed_by = $6,
                version = version + 1, updated_at = $7
            WHERE id = $1
            """, [.text(budget.id)] + values(of: definition, manager) + [.int64(now)])
        let after = BudgetRecord(
            id: budget.id, definition: definition, managedBy: manager, version: budget.version + 1)
        try recordChange(
            "budget.update", subject: budget.id, before: BudgetAuditState(budget), after: BudgetAuditState(after))
    }

    /// From the cadence to the manager, in the order of both statements above.
    private func values(of definition: BudgetDefinition, _ manager: ManagedBy) -> [SQLValue] {
        [
            .text(definition.cadence.rawValue), .int64(definition.amount.nanodollars),
            .int64(definition.isHardLimit ? 1 : 0), .text(definition.timeZone), .text(manager.rawValue),
        ]
    }
}

extension BudgetScope {
    fileprivate var owner: KeyOwner {
        switch self {
        case .user(let email): .user(email)
        case .team(let key): .team(key)
        }
    }
}
