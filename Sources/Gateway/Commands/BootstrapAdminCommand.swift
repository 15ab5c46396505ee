import ArgumentParser
import GatewayConfig
import Operations
import Provisioning

struct BootstrapAdminCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bootstrap-admin", abstract: "Create the first administrator, if none exists.",
        discussion: """
            Prints what it found or did. It never changes an existing administrator: a new value in the configuration does not \
            reset a lost password. Exits with 1 if no administrator can sign in afterwards.
            """)

    @OptionGroup var global: GlobalOptions
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        let configuration = try Configuration.load(global).configuration
        let store = try await ConfiguredDatabase.openStore(configuration.database)
        let outcome = try await BootstrapAdmin(configuration.auth.bootstrapAdmin).ensure(in: store)
        if json { try Terminal.printJSON(BootstrapView(outcome)) } else { Terminal.print(outcome.message) }
        if case .disabled(hasAdmin: false) = outcome {
            throw CommandFailure(
                .checkFailed, "No administrator exists.",
                hint: "Set auth.bootstrap_admin.enabled and its password, then run this again.")
        }
    }
}

/// The outcome for programs.
private struct BootstrapView: Encodable {
    let state: String
    let email: String?
    let mustChangePassword: Bool?
    let message: String

    enum CodingKeys: String, CodingKey {
        case state, email, message
        case mustChangePassword = "must_change_password"
    }

    init(_ outcome: BootstrapAdmin.Outcome) {
        state = outcome.word
        message = outcome.message
        switch outcome {
        case .created(let email, let mustChange), .exists(let email, let mustChange):
            self.email = email
            mustChangePassword = mustChange
        case .notNeeded(let admins):
            email = admins.first
            mustChangePassword = nil
        case .disabled:
            email = nil
            mustChangePassword = nil
        }
    }
}
