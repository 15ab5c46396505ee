public import Logging
public import Provisioning

extension SeedReport {
    /// Warns if the file is older than the one that was seeded last, so that nothing was written.
    public func logNewerGeneration(to logger: Logger) {
        guard let newerGeneration else { return }
        logger.warning(
            "Nothing was seeded: a newer file was seeded already. Give this gateway the newer file.",
            metadata: ["seed_generation": "\(newerGeneration)"])
    }
}
