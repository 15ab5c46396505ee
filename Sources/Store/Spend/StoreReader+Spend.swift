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
    ///
    /// They are found by their cost alone, and only then summed: there can be as many sessions as hours and callers.
    /// - Returns: at most `limit` groups, and how many there are.
    public func spend(
        by dimension: SpendDimension, _ scope: SpendScope, limit: Int
    ) throws -> (groups: [SpendGroup], count: Int) {
        let query = SpendQuery(scope)
        let best = try query.run(
            "value, CAST(SUM(cost) AS BIGINT) AS sum_cost, CAST(SUM(attempts) AS BIGINT) AS sum_attempts, "
                + "COUNT(*) OVER () AS groups",
            value: dimension.expression, figures: ["cost", "attempts"],
            tail: { _ in
                "GROUP BY value ORDER BY sum_cost DESC, sum_attempts DESC, value LIMIT \(Self.limits(limit))"
            }, on: connection)
        let values = try best.prefix(limit).map { try $0.text("value") }
        guard !values.isEmpty else { return ([], 0) }
        let rows = try query.run(
            "value, \(SpendFigures.sums)", value: dimension.expression,
            tail: { "WHERE value IN (\(connection.dialect.elements(of: $0))) GROUP BY value" }, list: values,
            on: connection)
        let figures = try rows.reduce(into: [:]) { $0[try $1.text("value")] = try SpendFigures($1) }
        let groups = values.map { SpendGroup(value: $0, figures: figures[$0] ?? SpendFigures()) }
        return (groups, Int(try best.first?.int64("groups") ?? 0))
    }

    /// The sums of each UTC hour that lies wholly in the scope's range, by its beginning.
    public func spendByHour(_ scope: SpendScope) throws -> [Int64: SpendFigures] {
        let rows = try SpendQuery(hoursOf: scope).run(
            "value, \(SpendFigures.sums)", value: "start", tail: { _ in "GROUP BY value" }, on: connection)
        return try rows.reduce(into: [:]) { hours, row in hours[try row.int64("value")] = try SpendFigures(row) }
    }

    /// How many attempts have no price, by the reason. The scope must have no label.
    public func unpricedReasons(_ scope: SpendScope) throws -> [String: Int64] {
        var scope = scope
        scope.label = .unpriced
        let rows = try SpendQuery(scope).run(
            "value, CAST(SUM(attempts) AS BIGINT) AS number", value: "label_value", figures: ["attempts"],
            tail: { _ in "GROUP BY value" }, on: connection)
        return try rows.reduce(into: [:]) { $0[try $1.text("value")] = try $1.int64("number") }
    }

    /// How many attempts have no price, by the reason, of the groups with these values. The scope must have no label.
    public func unpricedReasons(
        by dimension: SpendDimension, _ values: [String], _ scope: SpendScope
    ) throws -> [String: [String: Int64]] {
        guard !values.isEmpty else { return [:] }
        var scope = scope
        scope.label = .unpriced
        let rows = try SpendQuery(scope).run(
            "value, label_value AS reason, CAST(SUM(attempts) AS BIGINT) AS number", value: dimension.expression,
            figures: ["label_value", "attempts"],
            tail: { "WHERE value IN (\(connection.dialect.elements(of: $0))) GROUP BY value, label_value" },
            list: values, on: connection)
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
