import Database
import Testing

/// Statements that stay prepared on a connection.
@Suite struct PostgresStatementTests {
    @Test func `Behind a pooler no statement has a name, and each transaction brings its settings`() async throws {
        var options = oneConnection()
        options.pooling = .always
        options.statementTimeout = .seconds(7)
        try await withPostgres(options) { database in
            for number in Int64(1)...3 {
                let row = try await database.write { connection in
                    try connection.query(
                        "SELECT $1 + 1 AS next, current_setting('statement_timeout') AS timeout", [.int64(number)])[0]
                }
                #expect(try row.int64("next") == number + 1)
                #expect(try row.text("timeout") == "7s")
            }
            let row = try await database.read { try $0.query("SELECT COUNT(*) AS n FROM pg_prepared_statements")[0] }
            #expect(try row.int64("n") == 0)
            let error = try await databaseError {
                try await database.read { try $0.query("SELECT 1 AS a", [.int64(1)]) }
            }
            #expect(error == .failed(code: "08P01", detail: "1 arguments are the wrong number"))
        }
    }

    /// As a pooler does that hides itself: another connection, on which nothing is prepared.
    @Test func `Lost statements are noticed, and told where a pooler is ruled out`() async throws {
        for pooling in [PostgresOptions.Pooling.detected, .never] {
            var options = oneConnection()
            options.pooling = pooling
            try await withPostgres(options) { database in
                let read: @Sendable (any Connection) throws -> [Row] = { try $0.query("SELECT $1 AS a", [.int64(1)]) }
                _ = try await database.read(read)
                try await database.write { try $0.executeScript("DEALLOCATE ALL") }
                let error = try await databaseError { try await database.read(read) }
                #expect(error == (pooling == .never ? .pooled(database: database.location) : nil))
            }
        }
    }

    @Test func `A server without a pooler is not taken for one`() async throws {
        try await withPostgres(oneConnection()) { database in
            _ = try await database.read { try $0.query("SELECT 1 AS a") }
            let row = try await database.read { try $0.query("SELECT COUNT(*) AS n FROM pg_prepared_statements")[0] }
            #expect(try row.int64("n") > 0)
        }
    }

    @Test func `A value that the server cannot take concerns the value`() async throws {
        try await withPostgres { database in
            try await database.write { try $0.executeScript("CREATE TABLE t (a TEXT PRIMARY KEY)") }
            var generator = SystemRandomNumberGenerator()
            let long = (0..<2000).map { _ in String(generator.next(), radix: 16) }.joined()
            for (sql, value) in [
                ("SELECT CAST($1 AS INTEGER) AS a", "99999999999"), ("SELECT CAST($1 AS DATE) AS a", "no date"),
                ("INSERT INTO t VALUES ($1)", long), ("SELECT $1 AS a", "a\0b"),
            ] {
                let error = try await databaseError { try await database.write { try $0.query(sql, [.text(value)]) } }
                #expect(error?.concernsValue == true, "\(String(describing: error))")
                #expect(error?.message.contains(value) == false)
            }
        }
    }

    @Test func `Statements beyond the cache's size are prepared again`() async throws {
        try await withPostgres(oneConnection()) { database in
            for _ in 0..<2 {
                let sums = try await database.read { connection in
                    try (0..<300).map {
                        try connection.query("SELECT $1 + CAST(\($0) AS BIGINT) AS sum", [.int64(1)])[0].int64("sum")
                    }
                }
                #expect(sums == (1...300).map(Int64.init))
            }
            let row = try await database.read { try $0.query("SELECT COUNT(*) AS n FROM pg_prepared_statements")[0] }
            #expect(try row.int64("n") <= 256)
        }
    }

    @Test func `A table that another gateway has widened is read as it is now`() async throws {
        try await withPostgres(oneConnection()) { database in
            let read: @Sendable (any Connection) throws -> [Row] = { try $0.query("SELECT * FROM t") }
            try await database.write { try $0.executeScript("CREATE TABLE t (a BIGINT); INSERT INTO t VALUES (1)") }
            let before = try await database.read(read).first
            #expect(throws: DatabaseError.self) { try before?.int64("b") }
            try await database.write { try $0.executeScript("ALTER TABLE t ADD COLUMN b BIGINT; UPDATE t SET b = 2") }
            let after = try await database.read(read).first
            #expect(try after?.int64("b") == 2)
        }
    }
}
