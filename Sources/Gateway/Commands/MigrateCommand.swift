import ArgumentParser
import DataPlane
import Database
import GatewayConfig
import Operations

struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Migrate the database to the schema of this release, or report what is missing.",
        discussion: """
            Each migration is one transaction; what fails leaves nothing of itself. Any number of gateways may do this at \
            once. Names the backend, and its URL without the password. A database that cannot be migrated stays unchanged, \
            with `database reset required` and exit code 5.
            """)

    /// The action.
    enum Mode: String, EnumerableFlag {
        case apply, check, status

        static func help(for value: Mode) -> ArgumentHelp? {
            switch value {
            case .apply: "Apply the pending migrations (the default)."
            case .check: "Change nothing; exit with 1 if a migration is pending."
            case .status: "Change nothing; list every migration with its state."
            }
        }
    }

    @OptionGroup var global: GlobalOptions
    @Flag(exclusivity: .exclusive) var mode = Mode.apply
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        let opened = try ConfiguredDatabase(try Configuration.load(global).configuration.database)
        let applied = mode == .apply ? try await apply(opened) : []
        let status = try await opened.migrator.status(of: opened.database)
        let view = MigrationView(status, of: opened.database, applied: applied)
        try await opened.database.close()
        if json { try Terminal.printJSON(view) } else { show(view) }
        if mode == .check, status.hasPending {
            throw CommandFailure(
                .checkFailed, "Pending: \(view.pending).", hint: "Run `gateway migrate` with this configuration.")
        }
    }

    /// Waits for another process that migrates, and says so. SQLite waits by itself.
    private func apply(_ opened: ConfiguredDatabase) async throws -> [Migration] {
        let end = ContinuousClock.now + (opened.database.dialect == .postgres ? .seconds(600) : .zero)
        var isTold = false
        while true {
            do {
                return try await opened.migrator.apply(to: opened.database, now: WallClock.now())
            } catch DatabaseError.locked where ContinuousClock.now < end {
                if !isTold { Terminal.printError("Waiting for another process that uses \(opened.database.location).") }
                isTold = true
                try await Task.sleep(for: .seconds(1))  // reason: the interval of attempts
            }
        }
    }

    private func show(_ view: MigrationView) {
        Terminal.print("\(view.backend): \(view.database)")
        switch mode {
        case .apply where view.applied.isEmpty: Terminal.print("Nothing to apply.")
        case .apply: Terminal.print("Applied \(view.applied.joined(separator: ", ")).")
        case .check: if view.pending.isEmpty { Terminal.print("Nothing is pending.") }
        case .status:
            Terminal.printTable(
                [["VERSION", "NAME", "STATE", "APPLIED AT"]]
                    + view.migrations.map { ["V\($0.version)", $0.name, $0.state, $0.appliedAt ?? ""] })
        }
    }
}

/// The state of the schema in the command's output.
private struct MigrationView: Encodable {
    struct Entry: Encodable {
        let version: Int64
        let name: String
        /// `applied`, `pending`, or `newer` for an unknown but compatible one.
        let state: String
        let appliedAt: String?

        enum CodingKeys: String, CodingKey {
            case version, name, state
            case appliedAt = "applied_at"
        }
    }

    let backend: String
    let database: String
    let migrations: [Entry]
    /// The migrations that this run applied, by label.
    let applied: [String]

    init(_ status: MigrationStatus, of database: any Database, applied: [Migration]) {
        backend = database.dialect.engineName
        self.database = database.location
        migrations = status.entries.map(Entry.init)
        self.applied = applied.map(\.label)
    }

    var pending: String {
        migrations.filter { $0.state == "pending" }.map { "V\($0.version) (\($0.name))" }.joined(separator: ", ")
    }
}

extension MigrationView.Entry {
    init(_ entry: MigrationStatus.Entry) {
        let (state, time): (String, Int64?) =
            switch entry.state {
            case .applied(let at): ("applied", at)
            case .pending: ("pending", nil)
            case .newer(let at): ("newer", at)
            }
        self.init(
            version: entry.version, name: entry.name, state: state, appliedAt: time.map(Terminal.time))
    }
}
