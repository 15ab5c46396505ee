/// The `accounting` section: pricing, holds and the journal.
public struct AccountingConfiguration: Sendable, Hashable {
    /// How a hard budget treats a route without a price.
    public enum Unpriced: String, Sendable, CaseIterable {
        case deny, allow
    }

    /// How a hard budget treats a route without a price.
    public let unpriced: Unpriced
    /// The output tokens that a hold covers for a request without a limit.
    public let defaultOutputHoldTokens: Int
    /// Whether the gateway sends that limit upstream too.
    public let capsOutput: Bool
    /// Where intents and settlements wait for the database.
    public let journal: JournalConfiguration
    /// Where prices come from.
    public let catalog: PriceCatalogConfiguration

    init(_ map: MappingReader, databasePath: String?) {
        unpriced = map.value("unpriced", .choice, default: .deny)
        defaultOutputHoldTokens = map.value("default_output_hold_tokens", .integer(in: 1...10_000_000), default: 4096)
        capsOutput = map.value("cap_output", .flag, default: true)
        journal = map.section("journal") { JournalConfiguration($0, databasePath: databasePath) }
        catalog = map.section("catalog", PriceCatalogConfiguration.init)
    }
}

/// Where intents and settlements wait for the database.
public struct JournalConfiguration: Sendable, Hashable {
    /// When a record counts as written.
    public enum Sync: String, Sendable, CaseIterable {
        /// At the write; it is on the disk at most 10 ms later.
        case group
        /// When it is on the disk.
        case each
        /// At the write; the system decides when it is on the disk.
        case off
    }

    /// The folder; `journal` beside the database file by default.
    public let path: String
    /// A full journal refuses requests.
    public let maxBytes: Int
    /// When a record counts as written.
    public let sync: Sync

    init(_ map: MappingReader, databasePath: String?) {
        let folder = DatabaseConfiguration.sibling("journal", of: databasePath)
        path = map.value("path", .text("the path of a folder"), default: folder)
        // Two segments of 16 MiB: one to write, one to apply.
        maxBytes = map.value("max_bytes", .integer(in: 32 << 20...1 << 40), default: 1 << 30)
        sync = map.value("sync", .choice, default: .group)
    }
}

/// The gateway's copy of the price catalogue.
public struct PriceCatalogConfiguration: Sendable, Hashable {
    /// 0 turns the refresh off.
    public let refreshMinutes: Int
    /// The address to fetch it from.
    public let url: HTTPAddress
    /// For the whole list to arrive.
    public let timeoutSeconds: Int

    init(_ map: MappingReader) {
        refreshMinutes = map.value("refresh_minutes", .integer(in: 0...525_600), default: 60)
        url = map.value("url", .httpAddress, default: .priceCatalog)
        timeoutSeconds = map.value("timeout_seconds", .integer(in: 1...300), default: 30)
    }
}
