import Database
import Foundation
import Store
import Testing

extension EngineSuites {
    @Suite struct StoreSchemaTests {
        @Test func `Every file of the folder is in the list`() throws {
            let folder = URL(filePath: #filePath).deletingLastPathComponent()
                .appending(path: "../../../Sources/Store/Migrations")
            let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            #expect(StoreSchema.migrations.map { "V\($0.version)__\($0.name).sql" } == files)
            for (migration, file) in zip(StoreSchema.migrations, files) {
                #expect(try migration.script == String(contentsOf: folder.appending(path: file), encoding: .utf8))
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `The baseline applies to an empty database`(engine: TestEngine) async throws {
            try await engine.withDatabase { database in
                let applied = try await Migrator(StoreSchema.migrations).apply(to: database, now: 1)
                #expect(applied.map(\.label) == ["V17"])
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `The next migration comes on top of the whole schema, and older gateways may go on`(
            engine: TestEngine
        ) async throws {
            let next = Migration(
                version: 18, name: "next", script: "ALTER TABLE teams ADD COLUMN motto {{text}};",
                minCompatibleVersion: 17)
            try await engine.withSchema { database in
                let applied = try await Migrator(StoreSchema.migrations + [next]).apply(to: database, now: 2)
                #expect(applied == [next])
                try await database.write { try $0.execute("UPDATE teams SET motto = 'forward'") }
                #expect(try await Migrator(StoreSchema.migrations).check(database).isEmpty)
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `Every database has an id of its own`(engine: TestEngine) async throws {
            var ids: Set<String> = []
            for _ in 0..<2 {
                try await engine.withStore { store, _ in ids.insert(try await store.read { try $0.databaseID() }) }
            }
            #expect(ids.count == 2)
            #expect(ids.allSatisfy { $0.count == 32 })
        }
    }
}
