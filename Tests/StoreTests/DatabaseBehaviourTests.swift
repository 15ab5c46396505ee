import Database
import Testing

extension EngineSuites {
    /// The behaviour of every engine.
    @Suite struct DatabaseBehaviourTests {
        @Test(arguments: TestEngine.allCases)
        func `Placeholders go by number, not by appearance`(engine: TestEngine) async throws {
            try await engine.withDatabase { database in
                try await makePairs(database)
                let rows = try await database.write { connection in
                    try connection.execute(
                        "INSERT INTO pairs (b, a) VALUES ($2, $1)", [.int64(1), .text("one")])
                    return try connection.query(
                        "SELECT a FROM pairs WHERE b = $2 AND a = $1 AND $1 = a", [.int64(1), .text("one")])
                }
                #expect(try rows.map { row in try row.int64("a") } == [1])
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A dollar in a literal, a quoted name or a comment is no placeholder`(engine: TestEngine) async throws {
            try await engine.withDatabase { database in
                let row = try await database.read { connection in
                    try connection.query(
                        """
                        SELECT 'it''s $2' AS literal, -- $3
                            /* $4 */ $1 AS "na$5me"
                        """, [.text("value")]
                    ).first
                }
                #expect(try row?.text("literal") == "it's $2")
                #expect(try row?.text("na$5me") == "value")
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `Ten and more placeholders are told apart`(engine: TestEngine) async throws {
            try await engine.withDatabase { database in
                let row = try await database.read { connection in
                    try connection.query(
                        "SELECT $11 AS k, $1 AS a, $2 AS b, $3 AS c, $4 AS d, $5 AS e, $6 AS f, $7 AS g, $8 AS h, $9 AS i, $10 AS j",
                        (1...11).map { .int64(Int64($0)) }
                    ).first
                }
                #expect(try row?.int64("k") == 11)
                #expect(try row?.int64("j") == 10)
                #expect(try row?.int64("a") == 1)
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `The wrong number of arguments is an error`(engine: TestEngine) async throws {
            try await engine.withDatabase { database in
                for arguments: [SQLValue] in [[], [.int64(1), .int64(2)]] {
                    let error = try await databaseError {
                        _ = try await database.read { try $0.query("SELECT $1 AS a", arguments) }
                    }
                    guard case .failed = error else {
                        Issue.record("\(String(describing: error))")
                        continue
                    }
                }
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `Values come back as they went in`(engine: TestEngine) async throws {
            try await engine.withDatabase { database in
                let text = "Grüße \u{1F600} 'quoted' $1"
                let row = try await database.read { connection in
                    try connection.query(
                        "SELECT $1 AS low, $2 AS high, $3 AS text, $4 AS bytes, $5 AS number, $6 AS absence, $7 AS truth",
                        [
                            .int64(.min), .int64(.max), .text(text), .blob([0, 255, 10]), .double(0.1), .text(nil),
                            .int64(1),
                        ]
                    ).first
                }
                #expect(try row?.int64("low") == .min)
                #expect(try row?.int64("high") == .max)
                #expect(try row?.text("text") == text)
                #expect(try row?.blob("bytes") == [0, 255, 10])
                #expect(try row?.double("number") == 0.1)
                #expect(try row?.optionalText("absence") == nil)
                #expect(try row?.optionalInt64("absence") == nil)
                #expect(try row?.bool("truth") == true)
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A value of another kind, a null or a missing column is an error`(engine: TestEngine) async throws {
            try await engine.withDatabase { database in
                let row = try #require(
                    try await database.read { connection in
                        try connection.query(
                            "SELECT $1 AS number, $2 AS text, $3 AS absence", [.int64(2), .text("x"), .text(nil)])
                    }.first)
                #expect(throws: DatabaseError.self) { try row.text("number") }
                #expect(throws: DatabaseError.self) { try row.bool("number") }
                #expect(throws: DatabaseError.self) { try row.int64("text") }
                #expect(throws: DatabaseError.self) { try row.double("text") }
                #expect(throws: DatabaseError.self) { try row.blob("text") }
                #expect(throws: DatabaseError.unexpectedValue(column: "absence", reason: "it is null")) {
                    try row.text("absence")
                }
                #expect(throws: DatabaseError.self) { try row.optionalText("absent") }
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A text with a zero is refused and not cut short`(engine: TestEngine) async throws {
            try await engine.withDatabase { database in
                let error = try await databaseError {
                    try await database.read { try $0.query("SELECT $1 AS a", [.text("one\u{0}two")]) }
                }
                #expect(error == .zeroInText)
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A sum has to be cast, and is an integer then`(engine: TestEngine) async throws {
            try await engine.withDatabase { database in
                try await makePairs(database)
                let row = try await database.write { connection in
                    for number in 1...3 {
                        try connection.execute(
                            "INSERT INTO pairs (a, b) VALUES ($1, $2)", [.int64(Int64(number)), .text("\(number)")])
                    }
                    return try connection.query("SELECT CAST(SUM(a) AS BIGINT) AS total FROM pairs").first
                }
                #expect(try row?.int64("total") == 6)
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `Constraints are told by name, and SQL is not`(engine: TestEngine) async throws {
            try await engine.withDatabase { database in
                try await makePairs(database)
                try await database.write { connection in
                    try connection.execute("INSERT INTO pairs (a, b) VALUES (1, 'one')")
                }
                let cases: [(sql: String, name: String?)] = [
                    ("INSERT INTO pairs (a, b) VALUES (1, 'two')", "pairs_pkey"),
                    ("INSERT INTO pairs (a, b) VALUES (2, 'one')", "pairs_b_key"),
                    ("INSERT INTO pairs (a, b, c) VALUES (3, 'three', -1)", "pairs_c_positive"),
                    ("INSERT INTO pairs (a) VALUES (4)", "pairs_b_not_null"),
                ]
                for (sql, name) in cases {
                    let error = try await databaseError { try await database.write { try $0.execute(sql) } }
                    #expect(error == .constraint(name: name))
                    #expect(error?.description.contains("INSERT") == false)
                }
                let orphan = try await databaseError {
                    try await database.write { try $0.execute("INSERT INTO children (pair) VALUES (99)") }
                }
                guard case .constraint = orphan else {
                    Issue.record("foreign keys are off: \(String(describing: orphan))")
                    return
                }
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A column takes only its own kind`(engine: TestEngine) async throws {
            try await engine.withDatabase { database in
                try await makePairs(database)
                let error = try await databaseError {
                    try await database.write {
                        try $0.execute("INSERT INTO pairs (a, b) VALUES ($1, 'x')", [.text("one")])
                    }
                }
                #expect(error != nil)
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A transaction that throws leaves nothing, and its error comes through`(engine: TestEngine) async throws {
            struct Own: Error {}
            try await engine.withDatabase { database in
                try await makePairs(database)
                await #expect(throws: Own.self) {
                    try await database.write { connection in
                        try connection.execute("INSERT INTO pairs (a, b) VALUES (1, 'one')")
                        throw Own()
                    }
                }
                let rows = try await database.read { try $0.query("SELECT a FROM pairs") }
                #expect(rows.isEmpty)
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A read cannot write`(engine: TestEngine) async throws {
            try await engine.withDatabase { database in
                try await makePairs(database)
                let error = try await databaseError {
                    try await database.read { _ = try $0.execute("INSERT INTO pairs (a, b) VALUES (1, 'one')") }
                }
                guard case .readOnly = error else {
                    Issue.record("\(String(describing: error))")
                    return
                }
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A statement tells how many rows it changed`(engine: TestEngine) async throws {
            try await engine.withDatabase { database in
                try await makePairs(database)
                let counts = try await database.write { connection in
                    [
                        try connection.execute("INSERT INTO pairs (a, b) VALUES (1, 'one'), (2, 'two')"),
                        try connection.execute("UPDATE pairs SET c = 5 WHERE a > 0"),
                        try connection.execute("UPDATE pairs SET c = 5 WHERE a > 100"),
                        try connection.execute("DELETE FROM pairs WHERE a = 1"),
                    ]
                }
                #expect(counts == [2, 2, 0, 1])
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A fault in the SQL is an error whose message has no SQL`(engine: TestEngine) async throws {
            try await engine.withDatabase { database in
                let error = try await databaseError { _ = try await database.read { try $0.query("SELEKT canary") } }
                #expect(error?.detail != nil)
                #expect(error?.description.contains("canary") == false)
                #expect(error?.description.contains("SELEKT") == false)
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A cancelled task gets CancellationError, and nothing is written`(engine: TestEngine) async throws {
            try await engine.withDatabase { database in
                try await makePairs(database)
                await #expect(throws: CancellationError.self) {
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.cancelAll()
                        group.addTask {
                            _ = try await database.write {
                                try $0.execute("INSERT INTO pairs (a, b) VALUES (1, 'one')")
                            }
                        }
                        try await group.waitForAll()
                    }
                }
                let rows = try await database.read { try $0.query("SELECT a FROM pairs") }
                #expect(rows.isEmpty)
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A closed database says so`(engine: TestEngine) async throws {
            try await engine.withDatabase { database in
                try await database.close()
                let read = try await databaseError { _ = try await database.read { try $0.query("SELECT 1 AS a") } }
                let write = try await databaseError { try await database.write { try $0.execute("SELECT 1") } }
                #expect(read == .closed)
                #expect(write == .closed)
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `Parallel transactions lose no update`(engine: TestEngine) async throws {
            try await engine.withDatabase { database in
                try await makePairs(database)
                try await database.write { try $0.execute("INSERT INTO pairs (a, b, c) VALUES (1, 'sum', 0)") }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<100 {
                        group.addTask {
                            try await database.write { connection in
                                let now = try connection.query("SELECT c FROM pairs WHERE a = 1").first?.int64("c") ?? 0
                                try connection.execute("UPDATE pairs SET c = $1 WHERE a = 1", [.int64(now + 1)])
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                let rows = try await database.read { try $0.query("SELECT c FROM pairs") }
                #expect(try rows.map { row in try row.int64("c") } == [100])
            }
        }

        private func makePairs(_ database: any Database) async throws {
            let script = """
                CREATE TABLE pairs (
                    a {{bigint}} NOT NULL PRIMARY KEY,
                    b {{text}} NOT NULL UNIQUE,
                    c {{bigint}} CONSTRAINT pairs_c_positive CHECK (c >= 0)
                ) {{strict}};
                CREATE TABLE children (pair {{bigint}} NOT NULL REFERENCES pairs (a)) {{strict}};
                """
            try await database.write { try $0.executeScript($0.dialect.render(script)) }
        }
    }
}
