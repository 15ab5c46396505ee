import Database
import Testing

/// The known differences of engines that must not show: architecture.md, Storage.
extension EngineSuites {
    @Suite struct EngineTrapTests {
        @Test(arguments: TestEngine.allCases)
        func `A missing value has its type, so it can be asked for alone`(engine: TestEngine) async throws {
            try await engine.withNames(["one", "two"]) { database in
                let sql = "SELECT name FROM names WHERE $1 IS NULL OR name = $1"
                let all = try await database.read { try $0.query(sql, [.text(nil)]).count }
                let one = try await database.read { try $0.query(sql, [.text("one")]).count }
                #expect(all == 2)
                #expect(one == 1)
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `One text with arguments of other types is another statement`(engine: TestEngine) async throws {
            try await engine.withDatabase { database in
                let rows = try await database.read { connection in
                    try [SQLValue.int64(7), .text("seven"), .double(0.7), .blob([7]), .int64(8)].map {
                        try connection.query("SELECT $1 AS value", [$0])[0]
                    }
                }
                #expect(try rows[0].int64("value") == 7)
                #expect(try rows[1].text("value") == "seven")
                #expect(try rows[2].double("value") == 0.7)
                #expect(try rows[3].blob("value") == [7])
                #expect(try rows[4].int64("value") == 8)
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A comparison is a truth value`(engine: TestEngine) async throws {
            try await engine.withDatabase { database in
                let row = try await database.read { try $0.query("SELECT 1 = 1 AS yes, 1 = 2 AS no")[0] }
                #expect(try row.bool("yes") == true)
                #expect(try row.bool("no") == false)
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `Texts are ordered and compared by their bytes`(engine: TestEngine) async throws {
            let sorted = ["A", "B", "Z", "_", "a", "a b", "a-c", "ab", "b", "z", "ä"]
            try await engine.withNames(sorted.reversed()) { database in
                let rows = try await database.read { try $0.query("SELECT name FROM names ORDER BY name") }
                #expect(try rows.map { row in try row.text("name") } == sorted)
                let after = try await database.read { try $0.query("SELECT name FROM names WHERE name > 'a-c'") }
                #expect(after.count == 4)
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `LIKE tells capitals from small letters, and takes the escape that it is given`(
            engine: TestEngine
        ) async throws {
            try await engine.withNames(["alpha", "Alpha", "al_pha", "ALPHA"]) { database in
                let rows = try await database.read { connection in
                    try ["al%", #"al\_%"#].map { pattern in
                        try connection.query(
                            #"SELECT name FROM names WHERE name LIKE $1 ESCAPE '\' ORDER BY name"#, [.text(pattern)])
                    }
                }
                #expect(try rows[0].map { row in try row.text("name") } == ["al_pha", "alpha"])
                #expect(try rows[1].map { row in try row.text("name") } == ["al_pha"])
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `An error that the closure keeps to itself undoes the transaction`(engine: TestEngine) async throws {
            try await engine.withNames(["taken"]) { database in
                let error = try await databaseError {
                    try await database.write { connection in
                        try connection.execute("INSERT INTO names (name) VALUES ('new')")
                        _ = try? connection.execute("INSERT INTO names (name) VALUES ('taken')")
                    }
                }
                #expect(error?.detail == "a statement's error was not passed on")
                let rows = try await database.read { try $0.query("SELECT name FROM names") }
                #expect(rows.count == 1)
            }
        }

        @Test(.timeLimit(.minutes(1)), arguments: TestEngine.allCases)
        func `A statement that runs is stopped when its task is cancelled`(engine: TestEngine) async throws {
            try await engine.withDatabase { database in
                let (begun, beginning) = AsyncStream.makeStream(of: Void.self)
                await #expect(throws: CancellationError.self) {
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask {
                            _ = try await database.read { connection in
                                beginning.yield()
                                return try connection.query(
                                    """
                                    WITH RECURSIVE numbers (i) AS (
                                        SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM numbers WHERE i < 1000000000000
                                    ) SELECT COUNT(*) AS n FROM numbers
                                    """)
                            }
                        }
                        _ = await begun.first { _ in true }
                        group.cancelAll()
                        try await group.waitForAll()
                    }
                }
                let after = try await database.read { try $0.query("SELECT 1 AS a") }
                #expect(after.count == 1)
            }
        }
    }
}

extension TestEngine {
    /// Runs `body` with a database that has a table `names` of these unique names.
    fileprivate func withNames(_ names: [String], _ body: (any Database) async throws -> Void) async throws {
        try await withDatabase { database in
            try await database.write { connection in
                let table = "CREATE TABLE names (name {{text}} NOT NULL PRIMARY KEY) {{strict}}"
                try connection.executeScript(connection.dialect.render(table))
                for name in names { try connection.execute("INSERT INTO names (name) VALUES ($1)", [.text(name)]) }
            }
            try await body(database)
        }
    }
}
