import DataPlane
import Database
import GatewayConfig
import Logging
import Provisioning
import Store

/// What has to be done to the database before the gateway can serve from it: the schema, then what the file lists.
struct Startup: Sendable {
    /// Why it is not done yet, although nothing is wrong with the configuration.
    enum StartupBlocker: Sendable, Hashable {
        /// The database is unreachable, locked or full.
        case database(DatabaseError)
        /// By label. Another process or the operator has to apply them.
        case migrationsPending([String])
    }

    let opened: ConfiguredDatabase
    let seed: Seed
    let bootstrapAdmin: BootstrapAdmin
    let steps: StartupSteps
    let logger: Logger

    /// Does it all, or tells what is in the way and may pass by itself.
    /// - Throws: an error that waiting does not fix.
    func attempt() async throws -> StartupBlocker? {
        do {
            if let blocker = try await prepareSchema() { return blocker }
            try await RequestLogPartitions.prepare(on: opened.database, now: WallClock.now())
            if steps.seedConfig { try await seedConfiguration() }
            if steps.bootstrapAdmin {
                let outcome = try await bootstrapAdmin.ensure(in: opened.store)
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
            applied = try await migrator.apply(to: database, now: WallClock.now())
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
        let report = try await Seeder.seed(seed, into: opened.store)
        for (name, outcome) in report.subjects where !outcome.isEmpty {
            logger.notice("Seeded \(name).", metadata: Logger.Metadata(outcome))
        }
        if !report.keys.stillRevoked.isEmpty {
            logger.warning(
                "Seeded keys that were revoked stay so; give them new values.",
                metadata: ["keys": "\(report.keys.stillRevoked)"])
        }
        if !report.keys.unlisted.isEmpty {
            logger.warning(
                "Keys that the file once listed are still valid; revoke them if that is not meant.",
                metadata: ["keys": "\(report.keys.unlisted)"])
        }
    }
}

extension Startup.StartupBlocker {
    /// Says it where the operator looks, once.
    func log(to logger: Logger) {
        switch self {
        case .database(let error):
            logger.error(
                "The database cannot be used yet; the gateway keeps trying.",
                metadata: ["error": "\(OperatorMessage(error))", "detail": "\(error.detail ?? "")"])
        case .migrationsPending(let labels):
            logger.error(
                "Migrations are pending and switched off here; run `gateway migrate` with this configuration.",
                metadata: ["pending": "\(labels.joined(separator: ", "))"])
        }
    }

    /// The check that `/readyz` names.
    var check: Readiness.Check {
        switch self {
        case .database: .database
        case .migrationsPending: .migrationsPending
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
