import ArgumentParser
import DataPlane
import Database
import GatewayConfig
import GatewayCore
import Operations
import Provisioning

struct SeedLocalDemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seed-local-demo",
        abstract: "Write demo teams, users, keys, budgets and spend into a local database.",
        discussion: """
            For trying the gateway. Refused unless the database is on this machine. Keys are printed when they are created, and \
            never again; a second run makes only what is missing.
            """)

    @OptionGroup var global: GlobalOptions
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        let database = try Configuration.load(global).configuration.database
        let opened = try ConfiguredDatabase(database)
        guard opened.database.isLocal else {
            throw CommandFailure(
                .checkFailed,
                "The database \(opened.database.location) is not on this machine, so the demo is not written.",
                hint: "Use a SQLite file, or a PostgreSQL server at a loopback address.")
        }
        let store = try await ConfiguredDatabase.openStore(database)
        let view = DemoView(try await LocalDemo.seed(into: store, by: .commandLine, now: WallClock.now()))
        try await ShownOnce.show(view.keys.map(\.publicID), of: KeyService(store)) {
            if json { try Terminal.printJSON(view) } else { view.print() }
        }
    }
}

/// The created items, in the command's output.
private struct DemoView: Encodable {
    struct Key: Encodable {
        let name: String
        let owner: String
        let publicID: String
        let key: String

        enum CodingKeys: String, CodingKey {
            case name, owner, key
            case publicID = "public_id"
        }
    }

    let teams: [String]
    let users: [String]
    let budgets: [String]
    let keys: [Key]
    /// The days that got spend.
    let spend: [String]

    init(_ outcome: LocalDemo.Outcome) {
        teams = outcome.teams
        users = outcome.users
        budgets = outcome.budgets
        spend = outcome.spendDays
        keys = outcome.keys.map { key in
            Key(
                name: key.name, owner: key.owner.text, publicID: key.token.publicID, key: key.token.text.reveal())
        }
    }

    func print() {
        let parts = [("teams", teams), ("users", users), ("budgets", budgets)].filter { !$0.1.isEmpty }
        for (name, made) in parts { Terminal.print("Created \(name): \(made.joined(separator: ", "))") }
        if !keys.isEmpty {
            Terminal.printTable(
                [["KEY NAME", "OWNER", "KEY (SHOWN ONCE)"]] + keys.map { [$0.name, $0.owner, $0.key] })
        }
        if let first = spend.first, let last = spend.last {
            Terminal.print(
                "Wrote spend of \(spend.count) days, \(first) to \(last): see `gateway spend report --from \(first)`.")
        }
        if parts.isEmpty, keys.isEmpty, spend.isEmpty {
            Terminal.print("The demo already exists; nothing was changed.")
        }
    }
}
