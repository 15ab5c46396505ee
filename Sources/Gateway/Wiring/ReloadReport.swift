import GatewayConfig

/// What a reload did.
struct ReloadReport: Codable {
    let configurationHash: String
    let seeded: SeedView
    /// What the file's author should know.
    let warnings: [String]
    /// Settings that are different now and take effect at the next start.
    let needRestart: [String]

    enum CodingKeys: String, CodingKey {
        case configurationHash = "configuration_hash"
        case seeded, warnings
        case needRestart = "need_restart"
    }

    /// Says it on the terminal.
    func print(path: String) {
        for warning in warnings { Terminal.printError("warning: \(warning)") }
        Terminal.print("Reloaded \(path) (\(configurationHash.prefix(12))).")
        seeded.print()
        Terminal.print("References: file. read anew; env. as they were when the gateway started.")
        if !needRestart.isEmpty {
            Terminal.print("Changed, but only in effect after a restart: \(needRestart.joined(separator: ", ")).")
        }
    }
}
