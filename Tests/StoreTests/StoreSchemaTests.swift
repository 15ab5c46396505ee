import Database
import Foundation
import Store
import Testing

extension EngineSuites {
    @Suite struct StoreSchemaTests {
        @Test func `Every file of the folder is in the list`() throws {
            let folder = URL(filePath: #filePath).deletingLastPathComponent()
                .appending(path: "../../Sources/Store/Migrations")
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
    }
}
