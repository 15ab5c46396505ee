import Database
import Synchronization

/// A database that also keeps the plan of each query that runs.
final class ExplainingDatabase: Database {
    private let database: any Database
    private let recorded = Mutex<[(query: String, plan: [String])]>([])

    init(_ database: any Database) {
        self.database = database
    }

    var plans: [(query: String, plan: [String])] { recorded.withLock(\.self) }
    var dialect: SQLDialect { database.dialect }
    var location: String { database.location }
    var isLocal: Bool { database.isLocal }

    func announcements(of announcement: Announcement) -> AsyncStream<Void> {
        database.announcements(of: announcement)
    }

    func read<Result: Sendable>(
        within limit: Duration?, _ body: @escaping @Sendable (any Connection) throws -> Result
    ) async throws -> Result {
        try await database.read(within: limit) { try body(Explaining(connection: $0, database: self)) }
    }

    func write<Result: Sendable>(
        _ options: WriteOptions, within limit: Duration?, _ body: @escaping @Sendable (any Connection) throws -> Result
    ) async throws -> Result {
        try await database.write(options, within: limit, body)
    }

    func close() async throws { try await database.close() }

    private struct Explaining: Connection {
        let connection: any Connection
        let database: ExplainingDatabase

        var dialect: SQLDialect { connection.dialect }

        func execute(_ sql: String, _ arguments: [SQLValue]) throws(DatabaseError) -> Int {
            try connection.execute(sql, arguments)
        }

        func query(_ sql: String, _ arguments: [SQLValue]) throws(DatabaseError) -> [Row] {
            let (explain, column) =
                dialect == .sqlite ? ("EXPLAIN QUERY PLAN", "detail") : ("EXPLAIN", "QUERY PLAN")
            var plan: [String] = []
            for row in try connection.query("\(explain) \(sql)", arguments) { plan.append(try row.text(column)) }
            database.recorded.withLock { [plan] in $0.append((sql, plan)) }
            return try connection.query(sql, arguments)
        }

        func executeScript(_ sql: String) throws(DatabaseError) { try connection.executeScript(sql) }
    }
}
