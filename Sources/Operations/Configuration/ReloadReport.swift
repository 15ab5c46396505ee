public import GatewayConfig
public import Provisioning

/// The result of a reload.
public struct ReloadReport: Sendable {
    /// The hash of the file that is in effect now.
    public let configurationHash: String
    /// What was written into the database.
    public let seeded: SeedReport
    /// The warnings about the file.
    public let warnings: [ConfigurationIssue]
    /// The changed settings that take effect at the next start.
    public let needRestart: [String]
}
