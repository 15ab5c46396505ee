public import GatewayConfig
public import Provisioning
public import Store

/// Writes what a gateway's file lists into the database.
public enum FileSeeding {
    /// - Throws: `SeedError`, `StoreError`, and `ConfigurationError` if an entry of the file could not be read back
    ///   from the database. Nothing was changed then.
    public static func seed(_ file: GatewayConfiguration, into store: GatewayStore) async throws -> SeedReport {
        try await seed(file, into: store, refreshes: false).report
    }

    /// The same, with the stored state after it.
    static func seed(
        _ file: GatewayConfiguration, into store: GatewayStore, refreshes: Bool
    ) async throws -> (report: SeedReport, state: StoredState) {
        let (report, state) = try await Seeder.seed(Seed(file), into: store, refreshes: refreshes) { reader in
            let state = try reader.state(file: file, references: file.references)
            let unreadable = state.routing.issues.filter { $0.concerns(file) }
            guard unreadable.isEmpty else { throw ConfigurationError(unreadable) }
            return state
        }
        return (report, state)
    }
}

extension ConfigurationIssue {
    /// Whether it is about an entry that `file` lists.
    fileprivate func concerns(_ file: GatewayConfiguration) -> Bool {
        file.providers.contains { path.hasPrefix("providers[\($0.id)]") }
            || file.models.contains { path.hasPrefix("models[\($0.id)]") }
    }
}
