import Database
import Foundation
import GatewayCore

/// A row of a report.
public struct SpendGroup: Sendable, Hashable {
    /// What the group has in common, as `SpendDimension` says.
    public let value: String
    public let figures: SpendFigures
}

extension StoreReader {
    /// The sums of everything in `scope`.
    public func spendTotal(_ scope: SpendScope) throws -> SpendFigures {
        let row = try SpendQuery(scope, isTotal: true).run(SpendFigures.sums, on: connection).first
        return try row.map { try SpendFigures($0) } ?? SpendFigures()
    }

    /// The groups with the greatest cost, the greatest first.
    /// - Returns: at most `limit` groups, and how many there are.
    public func spend(
        by dimension: SpendDimension, _ scope: SpendScope, limit: Int
    ) throws -> (groups: [SpendGroup], count: Int) {
        let rows = try SpendQuery(scope).run(
            "\(dimension.expression) AS value, \(SpendFigures.sums), COUNT(*) OVER () AS groups",
            tail: { _ in "GROUP BY 1 ORDER BY sum_cost DESC, sum_attempts DESC, value LIMIT \(Self.limits(limit))" },
            on: connection)
        let groups = try rows.prefix(limit).map { row in
            SpendGroup(value: try row.text("value"), figures: try SpendFigures(row))
        }
        return (groups, Int(try rows.first?.int64("groups") ?? 0))
    }

    /// The sums of each UTC hour that lies wholly in the scope's range, by its beginning.
    public func spendByHour(_ scope: SpendScope) throws -> [Int64: SpendFigures] {
        let rows = try SpendQuery(hoursOf: scope).run(
            "start AS value, \(SpendFigures.sums)", tail: { _ in "GROUP BY start" }, on: connection)
        return try rows.reduce(into: [:]) { hours, row in hours[try row.int64("value")] = try SpendFigures(row) }
    }

    /// How many attempts have no price, by the reason. The scope must have no label.
    public func unpricedReasons(_ scope: SpendScope) throws -> [String: Int64] {
        var scope = scope
        scope.label = .unpriced
        let rows = try SpendQuery(scope).run(
            "label_value, CAST(SUM(attempts) AS BIGINT) AS number", tail: { _ in "GROUP BY label_value" },
            on: connection)
        return try rows.reduce(into: [:]) { $0[try $1.text("label_value")] = try $1.int64("number") }
    }

    /// How many attempts have no price, by the reason, of the groups with these values. The scope must have no label.
    public func unpricedReasons(
        by dimension: SpendDimension, _ values: [String], _ scope: SpendScope
    ) throws -> [String: [String: Int64]] {
        guard !values.isEmpty else { return [:] }
        var scope = scope
        scope.label = .unpriced
        let expression = dimension.expression
        let rows = try SpendQuery(scope).run(
            "\(expression) AS value, label_value AS reason, CAST(SUM(attempts) AS BIGINT) AS number",
            tail: { list in
                "AND \(expression) IN (\(connection.dialect.elements(of: list))) GROUP BY 1, 2"
            }, list: values, on: connection)
        return try rows.reduce(into: [:]) { reasons, row in
            reasons[try row.text("value"), default: [:]][try row.text("reason")] = try row.int64("number")
        }
    }

    /// The names of what reports group by, as far as they are still there.
    public func spendNames(users: [String], teams: [String], keys: [String]) throws -> SpendNames {
        SpendNames(
            users: try names(of: users, "SELECT id, email AS name FROM users"),
            teams: try names(of: teams, "SELECT id, key AS name FROM teams"),
            keys: try names(of: keys, "SELECT id, name || ' (' || public_id || ')' AS name FROM api_keys"))
    }

    private func names(of ids: [String], _ query: String) throws -> [String: String] {
        guard !ids.isEmpty else { return [:] }
        let list = String(decoding: try JSONEncoder().encode(ids), as: UTF8.self)
        let rows = try connection.query(
            "\(query) WHERE id IN (\(connection.dialect.elements(of: "$1")))", [.text(list)])
        return try rows.reduce(into: [:]) { names, row in names[try row.text("id")] = try row.text("name") }
    }

    /// A statement's text has to stay constant, so there are few limits.
    private static func limits(_ limit: Int) -> Int {
        [20, 100, 1000, 10_000].first { $0 >= limit } ?? 100_000
    }
}

/// The names of owners and keys by their ids.
public struct SpendNames: Sendable {
    /// E-mail addresses.
    public let users: [String: String]
    /// The teams' keys.
    public let teams: [String: String]
    /// Name and public id.
    public let keys: [String: String]
}
