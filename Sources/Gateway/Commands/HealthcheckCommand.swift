import ArgumentParser
import GatewayConfig

struct HealthcheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "healthcheck", abstract: "Check whether the running gateway is ready; for containers.",
        discussion: "Exits with 0 if `/readyz` answers 200, otherwise with 1.")

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let server = try Configuration.load(global).configuration.server
        let status = try await ReadinessProbe.status(of: server)
        guard status == 200 else { throw CommandFailure(.checkFailed, "The gateway answers \(status) to /readyz.") }
        Terminal.print("ready")
    }
}
