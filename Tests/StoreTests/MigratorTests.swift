import Database
import Testing

extension EngineSuites {
    /// The history of the schema, on every engine.
    @Suite struct MigratorTests {
        private let first = Migration(version: 1, name: "first", script: "CREATE TABLE one (a {{bigint}}) {{strict}};")
        private let second = Migration(
            version: 2, name: "second", script: "CREATE TABLE two (a {{bigint}}) {{strict}};")

        @Test(arguments: TestEngine.allCases)
        func `Applies what is pending, in order and once`(engine: TestEngine) async throws {
            try await engine.withDatabase { database in
                #expect(try await apply([first], to: database, now: 10) == [first])
                #expect(try await apply([first, second], to: database, now: 20) == [second])
                #expect(try await apply([first, second], to: database, now: 30) == [])
                let history = try await database.read {
                    try $0.query("SELECT version, name, checksum, applied_at FROM gateway_migrations ORDER BY version")
                }
                #expect(try history.map { row in try row.int64("version") } == [1, 2])
                #expect(try history.map { row in try row.text("name") } == ["first", "second"])
                #expect(try history.map { row in try row.text("checksum") } == [first.checksum, second.checksum])
                #expect(try history.map { row in try row.int64("applied_at") } == [10, 20])
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A migration that fails leaves the ones before it and nothing of itself`(engine: TestEngine) async throws {
            let broken = Migration(
                version: 2, name: "broken",
                script: "CREATE TABLE half (a {{bigint}}) {{strict}}; INSERT INTO nowhere VALUES (1);")
            try await engine.withDatabase { database in
                await #expect(throws: DatabaseError.self) {
                    try await Migrator([first, broken]).apply(to: database, now: 1)
                }
                #expect(try await apply([first, second], to: database, now: 2) == [second])
                let error = try await databaseError { try await database.read { try $0.query("SELECT a FROM half") } }
                #expect(error != nil)
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A changed script is refused, and nothing is applied`(engine: TestEngine) async throws {
            let edited = Migration(version: 1, name: "first", script: first.script + "\n-- edited")
            try await engine.withDatabase { database in
                _ = try await Migrator([first]).apply(to: database, now: 1)
                await #expect(throws: MigrationError.changed(label: "V1", name: "first")) {
                    try await Migrator([edited, second]).apply(to: database, now: 2)
                }
                #expect(try await apply([first, second], to: database, now: 3) == [second])
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A database of a newer gateway is refused`(engine: TestEngine) async throws {
            try await engine.withDatabase { database in
                _ = try await Migrator([first, second]).apply(to: database, now: 1)
                await #expect(throws: MigrationError.unknownVersion(label: "V2", name: "second")) {
                    try await Migrator([first]).apply(to: database, now: 2)
                }
            }
        }

        private func apply(_ migrations: [Migration], to database: any Database, now: Int64) async throws -> [Migration]
        {
            try await Migrator(migrations).apply(to: database, now: now)
        }

        @Test func `A list out of order is refused`() {
            #expect(throws: MigrationError.notAscending(label: "V1")) { try Migrator([second, first]) }
            #expect(throws: MigrationError.notAscending(label: "V1")) { try Migrator([first, first]) }
        }

        @Test func `A type token without a meaning is refused`() {
            #expect(throws: MigrationError.unknownToken("money")) {
                try SQLDialect.sqlite.render("a {{bigint}}, b {{money}}")
            }
            #expect(throws: MigrationError.self) { try SQLDialect.sqlite.render("a {{bigint") }
        }

        @Test(arguments: TestEngine.allCases)
        func `Gateways that start at once apply a migration once`(engine: TestEngine) async throws {
            try await engine.withOpener { open in
                let applied = try await withThrowingTaskGroup(of: [Migration].self) { group in
                    for _ in 0..<10 {
                        group.addTask {
                            let database = try open()
                            let applied = try await Migrator([first, second]).apply(to: database, now: 1)
                            try await database.close()
                            return applied
                        }
                    }
                    return try await group.reduce(into: []) { $0 += $1 }
                }
                #expect(applied.map(\.version).sorted() == [1, 2])
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A database of a newer gateway is accepted as far as its newest migration allows`(
            engine: TestEngine
        ) async throws {
            let third = Migration(version: 3, name: "third", script: "SELECT 1;", minCompatibleVersion: 2)
            let fourth = Migration(version: 4, name: "fourth", script: "SELECT 1;", minCompatibleVersion: 1)
            try await engine.withDatabase { database in
                _ = try await apply([first, second, third], to: database, now: 1)
                #expect(try await apply([first, second], to: database, now: 2) == [])
                let status = try await Migrator([first, second]).status(of: database)
                #expect(status.entries.map(\.state) == [.applied(at: 1), .applied(at: 1), .newer(at: 1)])
                await #expect(throws: MigrationError.unknownVersion(label: "V2", name: "second")) {
                    try await Migrator([first]).check(database)
                }
                _ = try await apply([first, second, third, fourth], to: database, now: 3)
                #expect(try await Migrator([first]).check(database) == [])
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `Status and check tell what is pending and change nothing`(engine: TestEngine) async throws {
            try await engine.withDatabase { database in
                let migrator = try Migrator([first, second])
                #expect(try await migrator.check(database) == [first, second])
                #expect(try await migrator.status(of: database).entries.map(\.state) == [.pending, .pending])
                _ = try await apply([first], to: database, now: 7)
                #expect(try await migrator.check(database) == [second])
                let status = try await migrator.status(of: database)
                #expect(status.entries.map(\.state) == [.applied(at: 7), .pending])
                #expect(status.entries.map(\.name) == ["first", "second"])
                #expect(status.hasPending)
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A database that is not the gateway's needs a reset and is not touched`(engine: TestEngine) async throws {
            let scripts = [
                "CREATE TABLE users (id {{bigint}}) {{strict}};",
                "CREATE TABLE refinery_schema_history (version {{bigint}}) {{strict}};",
                "CREATE TABLE gateway_migrations (version {{bigint}}, name {{text}}) {{strict}};",
            ]
            for script in scripts {
                try await engine.withDatabase { database in
                    try await database.write { try $0.executeScript($0.dialect.render(script)) }
                    try await expectReset(Migrator([first]), database)
                }
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A history from before the baseline needs a reset`(engine: TestEngine) async throws {
            try await engine.withDatabase { database in
                _ = try await apply([first, second], to: database, now: 1)
                try await expectReset(Migrator([second]), database)
            }
        }

        private func expectReset(_ migrator: Migrator, _ database: any Database) async throws {
            for operation in [
                { _ = try await migrator.apply(to: database, now: 1) }, { _ = try await migrator.check(database) },
                { _ = try await migrator.status(of: database) },
            ] as [() async throws -> Void] {
                do {
                    try await operation()
                    Issue.record("it was accepted")
                } catch let error as MigrationError {
                    #expect(error.message.contains("database reset required"))
                }
            }
        }
    }
}
