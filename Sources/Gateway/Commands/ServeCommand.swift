import ArgumentParser
import GatewayConfig
import Logging
import Telemetry

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run the gateway until it is stopped.",
        discussion: """
            Migrates the database to the newest schema, writes what the configuration lists into it, then serves. While the \
            database is unreachable, locked or full it waits, and `/readyz` says so. SIGTERM and SIGINT let requests in flight finish \
            within `server.shutdown_grace_seconds`.
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var startup: StartupOptions

    func run() async throws {
        let steps = try startup.steps()
        FileLimit.raise()
        let loaded = try Configuration.loadChecked(global)
        let server = loaded.configuration.server
        let sink = LogSink(format: LogFormat(server.logFormat))
        LoggingSystem.bootstrap { GatewayLogHandler(label: $0, sink: sink, level: Logger.Level(server.logLevel)) }
        let logger = Logger(label: "gateway")
        for warning in loaded.warnings { logger.warning("\(warning)") }
        defer { _ = sink.flush(within: .seconds(2)) }
        try await GatewayProcess(
            configuration: loaded.configuration, path: global.configPath, steps: steps, sink: sink, logger: logger
        ).run()
    }
}

extension LogFormat {
    fileprivate init(_ format: ServerConfiguration.LogFormat) {
        self =
            switch format {
            case .pretty: .pretty
            case .json: .json
            }
    }
}

extension Logger.Level {
    fileprivate init(_ level: ServerConfiguration.LogLevel) {
        self = Logger.Level(rawValue: level.rawValue) ?? .info
    }
}
