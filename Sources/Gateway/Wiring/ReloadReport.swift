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
    func say(path: String) {
        for warning in warnings { Terminal.complain("warning: \(warning)") }
        Terminal.say("Reloaded \(path) (\(configurationHash.prefix(12))).")
        seeded.say()
        Terminal.say("References: file. read anew; env. as they were when the gateway started.")
        if !needRestart.isEmpty {
            Terminal.say("Changed, but only in effect after a restart: \(needRestart.joined(separator: ", ")).")
        }
    }
}
