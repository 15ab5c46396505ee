/// The steps of `serve` before it serves; each can be left to another process.
public struct StartupSteps: Sendable {
    /// Migrate the database to this release's schema.
    public let runMigrations: Bool
    /// Write what the configuration lists into the database.
    public let seedConfig: Bool
    /// Create the first administrator, if none exists.
    public let bootstrapAdmin: Bool

    public init(runMigrations: Bool, seedConfig: Bool, bootstrapAdmin: Bool) {
        self.runMigrations = runMigrations
        self.seedConfig = seedConfig
        self.bootstrapAdmin = bootstrapAdmin
    }
}
