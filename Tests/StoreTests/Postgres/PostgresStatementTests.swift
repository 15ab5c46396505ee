import Database
import Testing

/// Statements that stay prepared on a connection.
@Suite struct PostgresStatementTests {
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
