import GatewayConfig
import Operations

/// The result of a reload in the output of commands, on the terminal and as JSON.
struct ReloadView: Codable {
    let configurationHash: String
    let seeded: SeedView
    let warnings: [String]
    /// The changed settings that take effect at the next start.
    let needRestart: [String]

    enum CodingKeys: String, CodingKey {
        case configurationHash = "configuration_hash"
        case seeded, warnings
        case needRestart = "need_restart"
    }

    init(_ report: ReloadReport) {
        configurationHash = report.configurationHash
        seeded = SeedView(report.seeded)
        warnings = report.warnings.map(\.description)
        needRestart = report.needRestart
    }

    /// Prints it on the terminal.
    func print(path: String) {
        for warning in warnings { Terminal.printError("warning: \(warning)") }
        Terminal.print("Reloaded \(path) (\(configurationHash.prefix(12))).")
        seeded.print()
        Terminal.print("References: file. were read again; env. keep their values from the start of the gateway.")
        if !needRestart.isEmpty {
            Terminal.print("Changed, but effective only after a restart: \(needRestart.joined(separator: ", ")).")
        }
    }
}
