import GatewayCore

/// One step of the schema: a script that runs once in the life of a database.
public struct Migration: Sendable, Hashable {
    /// Its place in the order; `V17__baseline.sql` has 17.
    public let version: Int64
    /// What it does, in a word or two.
    public let name: String
    /// Statements with the type tokens of `SQLDialect`. It must not begin or end a transaction.
    public let script: String
    /// The newest version that a gateway has to know to work with the schema after this migration.
    public let minCompatibleVersion: Int64

    /// Names one script of the schema.
    ///
    /// - Parameter minCompatibleVersion: lower than `version` if it only adds what older gateways do not mind; nil
    ///   means that they cannot go on.
    public init(version: Int64, name: String, script: String, minCompatibleVersion: Int64? = nil) {
        self.version = version
        self.name = name
        self.script = script
        self.minCompatibleVersion = minCompatibleVersion ?? version
    }

    /// The SHA-256 of the script as it is written, before the dialect is applied, so it is the same on every engine.
    public var checksum: String { ContentHash.sha256(script) }

    /// The version as people see it: `V17`.
    public var label: String { "V\(version)" }
}
