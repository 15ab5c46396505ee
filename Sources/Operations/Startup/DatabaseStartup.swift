import Database
public import GatewayConfig
public import Logging
import Provisioning
import Store

/// The work on the database before the gateway can serve from it: the schema, then what the file lists.
public struct DatabaseStartup: Sendable {
    let opened: ConfiguredDatabase
    let clock: @Sendable () -> Int64
    private let file: GatewayConfiguration
    private let steps: StartupSteps
    private let logger: Logger

    /// - Parameter clock: microseconds since 1970 UTC.
    public init(
        opened: ConfiguredDatabase, file: GatewayConfiguration, steps: StartupSteps,
        clock: @escaping @Sendable () -> Int64, logger: Logger
    ) {
        self.opened = opened
        self.file = file
        self.steps = steps
        self.clock = clock
        self.logger = logger
    }

    /// Does all of it, or returns what blocks it and may pass.
    /// - Throws: an error that waiting does not fix.
    public func attempt() async throws -> StartupBlocker? {
        do {
            if let blocker = try await prepareSchema() { return blocker }
            try await RequestLogPartitions.prepare(on: opened.database, now: clock())
            if steps.seedConfig { try await seedConfiguration() }
            if steps.bootstrapAdmin {
                let outcome = try await BootstrapAdmin(file.auth.bootstrapAdmin).ensure(in: opened.store)
                logger.notice("\(outcome.message)")
            }
            return nil
        } catch let error as DatabaseError where error.mayPass {
            return .database(error)
        } catch StoreError.database(let error) where error.mayPass {
            return .database(error)
        }
    }

    private func prepareSchema() async throws -> StartupBlocker? {
        let (database, migrator) = (opened.database, opened.migrator)
        var applied: [Migration] = []
        if steps.runMigrations {
            applied = try await migrator.apply(to: database, now: clock())
        } else {
            let pending = try await migrator.check(database)
            guard pending.isEmpty else { return .migrationsPending(pending.map(\.label)) }
        }
        logger.notice(
            "Database ready.",
            metadata: [
                "backend": "\(database.dialect.engineName)", "database": "\(database.location)",
                "migrated": "\(applied.isEmpty ? "nothing" : applied.map(\.label).joined(separator: ", "))",
            ])
        return nil
    }

    private func seedConfiguration() async throws {
        let report = try await FileSeeding.seed(file, into: opened.store)
        report.logNewerGeneration(to: logger)
        for (name, outcome) in report.subjects where !outcome.isEmpty {
            logger.notice("Seeded \(name).", metadata: Logger.Metadata(outcome))
        }
        if !report.keys.stillRevoked.isEmpty {
            logger.warning(
                "Seeded keys that were revoked stay so; give them new values.",
                metadata: ["keys": "\(report.keys.stillRevoked)"])
        }
        if !report.keys.superseded.isEmpty {
            logger.warning(
                "Seeded keys have an old value in this file, which a newer one has replaced; they were not changed.",
                metadata: ["keys": "\(report.keys.superseded)"])
        }
        if !report.keys.unlisted.isEmpty {
            logger.warning(
                "Keys that the file once listed are still valid; revoke them if that is not intended.",
                metadata: ["keys": "\(report.keys.unlisted)"])
        }
    }
}

extension Logger.Metadata {
    fileprivate init(_ outcome: SeedOutcome) {
        self.init()
        let lists = [
            ("created", outcome.created), ("replaced", outcome.replaced), ("updated", outcome.updated),
            ("released", outcome.released),
        ]
        for (name, items) in lists where !items.isEmpty { self[name] = "\(items)" }
        self["unchanged"] = "\(outcome.unchanged.count)"
    }
}
