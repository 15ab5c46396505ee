import ArgumentParser
import ControlSocket
import GatewayConfig

struct ReloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload", abstract: "Make the running gateway read its configuration file again.",
        discussion: """
            As SIGHUP does, but says what came of it. The file is validated and written into the database in one transaction; \
            every gateway on that database follows within two seconds. On any error nothing changes. Secrets by `file.` \
            are read again; those by `env.` need a restart.
            """)

    @OptionGroup var global: GlobalOptions
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        let configuration = try Configuration.load(global).configuration
        let client = ControlClient(path: configuration.server.controlSocket, timeout: .seconds(30))
        switch try await client.send(.reload) {
        case .success(let value):
            let view = try value.decoded(as: ReloadView.self)
            if json { try Terminal.printJSON(view) } else { view.print(path: global.configPath) }
        case .failure(let error): throw error
        }
    }
}
