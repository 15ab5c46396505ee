import Database
import Dispatch
import Foundation
import GatewayConfig
import GatewayCore
import GatewayTestSupport
import Logging
import Operations
import Provisioning
import Routing
import Store
import Testing

@Suite(.timeLimit(.minutes(1))) struct DatabaseStartupTests {
    @Test func `An attempt migrates, seeds and creates the administrator`() async throws {
        let text = OperationsFixture.text(
            "m", more: "auth: { bootstrap_admin: { enabled: true, password: literal.a-long-password } }\n")
        try await withOperations(text, isMigrated: false) { fixture in
            let blocker = try await fixture.startup().attempt()
            #expect(blocker == nil)
            let models = try await fixture.storedModels()
            #expect(models == ["m"])
            let isAdmin = try await fixture.store.read { try $0.user(email: "admin@local") != nil }
            #expect(isAdmin)
            let lines = fixture.log.lines.value
            #expect(lines.first?.contains("migrated=V17") == true)
            #expect(lines.contains { $0.hasPrefix("notice: Seeded models. created=[\"m\"]") })
            let blockerAfter = try await fixture.startup().attempt()
            #expect(blockerAfter == nil, "a second run finds nothing to do")
        }
    }

    @Test func `A schema that another process has to migrate blocks the start`() async throws {
        try await withOperations(isMigrated: false) { fixture in
            let blocker = try await fixture.startup(runMigrations: false).attempt()
            #expect(blocker == .migrationsPending(["V17"]))
            let database = try fixture.load().database
            await #expect(throws: DatabaseStartupError.self) {
                try await ConfiguredDatabase.openStore(database, clock: OperationsFixture.clock)
            }
        }
    }

    @Test func `Seeding can be left to another process`() async throws {
        try await withOperations { fixture in
            let blocker = try await fixture.startup(seedConfig: false).attempt()
            #expect(blocker == nil)
            let models = try await fixture.storedModels()
            #expect(models == [])
        }
    }

    @Test func `An error that waiting does not fix ends the start`() async throws {
        let text = OperationsFixture.text(
            "m",
            more: """
                users: [{ name: Ann, email: ann@example.com }]
                auth: { bootstrap_admin: { enabled: true, email: ann@example.com, password: literal.a-long-password } }

                """)
        try await withOperations(text) { fixture in
            await #expect(throws: SeedError.bootstrapEmailTaken("ann@example.com")) {
                try await fixture.startup().attempt()
            }
        }
    }

    @Test func `The supervisor repeats the start until nothing blocks it`() async throws {
        try await withOperations(isMigrated: false) { fixture in
            let startup = try fixture.startup(runMigrations: false)
            let configuration = try fixture.configurationService()
            let supervisor = DatabaseSupervisor(
                startup: startup, configuration: configuration,
                watch: ChangeWatch(source: fixture.store, logger: fixture.log.logger, report: configuration.follow),
                replica: ReplicaService(
                    fixture.store, describe: { .test("r1") }, isDraining: { false }, logger: fixture.log.logger),
                readiness: fixture.readiness, retryInterval: .milliseconds(10), logger: fixture.log.logger)
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await supervisor.run() }
                try await fixture.log.lines.wait(for: "blocker", within: .seconds(10)) { lines in
                    lines.contains { $0.hasPrefix("error: Migrations are pending") } ? () : nil
                }
                #expect(fixture.readiness.summary == (.notReady, [.migrationsPending]))
                _ = try await fixture.opened.migrator.apply(to: fixture.opened.database, now: 1)
                try await fixture.dataPlane.recorded.wait(for: "routing", within: .seconds(10)) { events in
                    events.contains(.keysInvalidated) ? () : nil
                }
                #expect(fixture.readiness.summary == (.ready, []))
                tasks.cancelAll()
            }
            #expect(fixture.dataPlane.events.contains(.installed(["m"])))
        }
    }

    /// The file's lock is held by another connection, as by another gateway that migrates.
    @Test func `A start that waits for a lock says so`() async throws {
        try await withOperations(isMigrated: false) { fixture in
            let configuration = try fixture.configurationService()
            let supervisor = DatabaseSupervisor(
                startup: try fixture.startup(), configuration: configuration,
                watch: ChangeWatch(source: fixture.store, logger: fixture.log.logger, report: configuration.follow),
                replica: ReplicaService(
                    fixture.store, describe: { .test("r1") }, isDraining: { false }, logger: fixture.log.logger),
                readiness: fixture.readiness, retryInterval: .milliseconds(10), silentWait: .milliseconds(100),
                logger: fixture.log.logger)
            let other = SQLiteDatabase(path: fixture.folder.appending(path: "test.db").path)
            let (holding, release) = (Gate(), DispatchSemaphore(value: 0))
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask {
                    try await other.write { _ in
                        holding.open()
                        _ = release.wait(timeout: .now() + 30)
                    }
                }
                try await holding.wait(within: .seconds(10))
                tasks.addTask { try await supervisor.run() }
                try await fixture.log.lines.wait(for: "notice", within: .seconds(10)) { lines in
                    lines.contains { $0.hasPrefix("warning: The start waits for the database.") } ? () : nil
                }
                #expect(fixture.readiness.summary == (.notReady, [.database]))
                release.signal()
                try await fixture.dataPlane.recorded.wait(for: "routing", within: .seconds(20)) { events in
                    events.contains(.keysInvalidated) ? () : nil
                }
                #expect(fixture.readiness.summary == (.ready, []))
                tasks.cancelAll()
            }
            try await other.close()
        }
    }
}
