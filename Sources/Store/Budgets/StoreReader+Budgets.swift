import Database
import GatewayCore

extension StoreReader {
    /// Every budget of a user or team that is not retired, teams first, by name.
    public func budgets() throws -> [BudgetRecord] {
        try budgets(where: "", [])
    }

    /// The budget of a user or team with this id; nil if there is none that is not retired.
    public func budget(id: String) throws -> BudgetRecord? {
        try budgets(where: "AND b.id = $1", [.text(id)]).first
    }

    private func budgets(where condition: String, _ arguments: [SQLValue]) throws -> [BudgetRecord] {
        try connection.query(
            """
            SELECT b.id, t.key AS team_key, u.email, b.cadence, b.amount, b.hard_limit, b.timezone, b.managed_by, b.version
            FROM budgets b LEFT JOIN teams t ON t.id = b.team_id LEFT JOIN users u ON u.id = b.user_id
            WHERE b.retired_at IS NULL AND (b.team_id IS NOT NULL OR b.user_id IS NOT NULL) \(condition)
            ORDER BY CASE WHEN b.team_id IS NULL THEN 1 ELSE 0 END, t.key, u.email
            """, arguments
        ).map { row in
            let team = try row.optionalText("team_key")
            return BudgetRecord(
                id: try row.text("id"),
                definition: BudgetDefinition(
                    scope: try team.map(BudgetScope.team) ?? .user(try row.text("email")),
                    cadence: try row.enumValue("cadence"), amount: Money(nanodollars: try row.int64("amount")),
                    isHardLimit: try row.bool("hard_limit"), timeZone: try row.text("timezone")),
                managedBy: try row.enumValue("managed_by"), version: try row.int64("version"))
        }
    }
}
