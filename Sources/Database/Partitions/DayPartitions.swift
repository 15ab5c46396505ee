import Foundation
import GatewayCore

/// The days of tables whose primary key begins with a UUIDv7, which tells the day of its row.
///
/// On PostgreSQL such a table is partitioned, so that old days can be dropped at once; on SQLite it is one table, and
/// there is nothing to do.
public struct DayPartitions: Sendable {
    private static let millisecondsPerDay: Int64 = 86_400_000

    private let tables: [String]

    /// - Parameter tables: each declared with `{{by_day:…}}` and `{{default_partition:…}}` in its migration.
    public init(of tables: [String]) {
        self.tables = tables
    }

    /// Makes the partitions of the days from yesterday on, as far as they are not there. Gateways may do so at once.
    ///
    /// A day of which rows have come in without a partition keeps them where they are.
    /// - Parameters:
    ///   - now: microseconds since 1970 UTC.
    ///   - days: how many.
    public func prepare(on database: any Database, now: Int64, days: Int64 = 9) async throws {
        guard database.dialect == .postgres else { return }
        let today = now / 1000 / Self.millisecondsPerDay
        try await database.changeSchema { connection in
            for table in tables {
                let known = Set(try connection.query(Self.partitions, [.text(table)]).map { try $0.text("name") })
                for day in (today - 1)..<(today - 1 + days) {
                    let name = "\(table)_\(Self.date(day))"
                    guard !known.contains(name) else { continue }
                    try make(name, of: table, day: day, on: connection)
                }
            }
        }
    }

    private func make(_ name: String, of table: String, day: Int64, on connection: any Connection) throws {
        let (first, next) = (Self.firstID(of: day), Self.firstID(of: day + 1))
        let strays = try connection.query(
            "SELECT 1 AS one FROM \(table)_default WHERE id >= $1 AND id < $2 LIMIT 1", [.text(first), .text(next)])
        guard strays.isEmpty else { return }
        try connection.executeScript(
            "CREATE TABLE \(name) PARTITION OF \(table) FOR VALUES FROM ('\(first)') TO ('\(next)')")
    }

    private static let partitions = """
        SELECT CAST(child.relname AS TEXT) AS name FROM pg_inherits
        JOIN pg_class child ON child.oid = inhrelid
        WHERE inhparent = CAST($1 AS regclass)
        """

    private static func firstID(of day: Int64) -> String {
        UUIDv7.first(milliseconds: UInt64(max(0, day * millisecondsPerDay)))
    }

    /// Such as `20261124`.
    private static func date(_ day: Int64) -> String {
        Date(timeIntervalSince1970: Double(day * millisecondsPerDay) / 1000)
            .formatted(.iso8601.year().month().day().dateSeparator(.omitted))
    }
}
