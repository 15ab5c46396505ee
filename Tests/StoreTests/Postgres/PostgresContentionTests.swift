import Database
import Dispatch
import Testing

/// Transactions in each other's way, and too many of them.
@Suite(.timeLimit(.minutes(2))) struct PostgresContentionTests {
    @Test func `Of two transactions that lock each other out, both come through`() async throws {
        try await withPostgres { database in
            try await database.write { connection in
                try connection.executeScript(
                    "CREATE TABLE t (a INTEGER PRIMARY KEY, n BIGINT); INSERT INTO t VALUES (1, 0), (2, 0)")
            }
            let attempts = try await meeting(database) { connection, own, other, meet in
                try connection.execute("UPDATE t SET n = n + 1 WHERE a = $1", [.int64(own)])
                meet()
                try connection.execute("UPDATE t SET n = n + 1 WHERE a = $1", [.int64(other)])
            }
            #expect(attempts > 2)
            let rows = try await database.read { try $0.query("SELECT n FROM t") }
            #expect(try rows.map { row in try row.int64("n") } == [2, 2])
        }
    }

    @Test func `Of two transactions that each rely on what the other changes, one runs again`() async throws {
        try await withPostgres { database in
            try await database.write { try $0.executeScript("CREATE TABLE t (a BIGINT)") }
            let attempts = try await meeting(database) { connection, _, _, meet in
                let count = try connection.query("SELECT a FROM t").count
                meet()
                try connection.execute("INSERT INTO t VALUES ($1)", [.int64(Int64(count))])
            }
            #expect(attempts == 3)
            let rows = try await database.read { try $0.query("SELECT a FROM t ORDER BY a") }
            #expect(try rows.map { row in try row.int64("a") } == [0, 1])
        }
    }

    @Test func `A conflict without end is given up`() async throws {
        try await withPostgres { database in
            let attempts = Counter()
            let error = try await databaseError {
                try await database.write { connection in
                    attempts.next()
                    try connection.executeScript("DO 'BEGIN RAISE EXCEPTION USING ERRCODE = ''40001''; END'")
                }
            }
            #expect(error == .conflict(database: database.location))
            #expect(attempts.value == 16)
        }
    }

    @Test func `A statement that takes too long is stopped`() async throws {
        var options = PostgresOptions()
        options.statementTimeout = .milliseconds(50)
        try await withPostgres(options) { database in
            let error = try await databaseError { try await database.read { try $0.query("SELECT pg_sleep(60)") } }
            #expect(error == .timedOut(database: database.location))
        }
    }

    @Test func `A lock that is not set free is told`() async throws {
        var options = PostgresOptions()
        options.lockTimeout = .milliseconds(50)
        try await withPostgres(options) { database in
            try await database.write { try $0.executeScript("CREATE TABLE t (a BIGINT)") }
            try await holding(database, "LOCK TABLE t") {
                let error = try await databaseError { try await database.read { try $0.query("SELECT a FROM t") } }
                #expect(error == .locked(database: database.location))
            }
        }
    }

    @Test func `A pool whose connections are all busy is told after the deadline, and is whole again later`()
        async throws
    {
        var options = oneConnection()
        options.waitingDeadline = .milliseconds(50)
        try await withPostgres(options) { database in
            try await holding(database, "SELECT 1") {
                let error = try await databaseError { try await database.read { try $0.query("SELECT 1 AS a") } }
                #expect(error == .exhausted(database: database.location, connections: 1))
            }
            let after = try await database.read { try $0.query("SELECT 1 AS a") }
            #expect(after.count == 1)
        }
    }

    @Test func `A task that finds every connection busy can be cancelled`() async throws {
        try await withPostgres(oneConnection()) { database in
            try await holding(database, "SELECT 1") {
                await #expect(throws: CancellationError.self) {
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask { _ = try await database.read { try $0.query("SELECT 1 AS a") } }
                        group.cancelAll()
                        try await group.waitForAll()
                    }
                }
            }
        }
    }

    /// Runs `body` as two transactions, whose first attempts wait for each other at `meet`. Returns the number of
    /// attempts.
    private func meeting(
        _ database: PostgresDatabase,
        _ body: @escaping @Sendable (any Connection, _ own: Int64, _ other: Int64, _ meet: () -> Void) throws -> Void
    ) async throws -> Int {
        let attempts = Counter()
        let (one, two) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (own, other, mine, theirs) in [(1, 2, one, two), (2, 1, two, one)] as [(Int64, Int64, _, _)] {
                group.addTask {
                    let calls = Counter()
                    try await database.write { connection in
                        attempts.next()
                        try body(connection, own, other) {
                            guard calls.next() == 1 else { return }
                            theirs.signal()
                            mine.wait()
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        return attempts.value
    }

    /// Runs `body` while another transaction that has run `sql` stays open.
    private func holding(
        _ database: PostgresDatabase, _ sql: String, _ body: () async throws -> Void
    ) async throws {
        let (held, holding) = AsyncStream.makeStream(of: Void.self)
        let release = DispatchSemaphore(value: 0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await database.write { connection in
                    try connection.executeScript(sql)
                    holding.yield()
                    release.wait()
                }
            }
            _ = await held.first { _ in true }
            defer { release.signal() }
            try await body()
        }
    }
}
