import ArgumentParser
import DataPlane
import GatewayConfig
import GatewayCore
import Operations

struct SpendReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Report what was spent, by owner, model, provider, key, tag, session or day.",
        discussion: """
            Costs are dollars. The rows add up to the total. What was billed without a known price is no part of any cost: it \
            is shown apart, with the reason, as are the parts of the cost that are estimates or upper bounds.
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var period: SpendPeriodOptions
    @OptionGroup var filter: SpendFilterOptions
    @Option(
        help: ArgumentHelp(
            "owner, user, team, key, model, provider, session, day, or tag:KEY, such as tag:service.",
            valueName: "group"))
    var by = "owner"
    @Option(help: "How many rows; one more has what they leave out. Days are always all there.") var limit = 50
    @Flag(help: "Print JSON.") var json = false
    @Flag(help: "Print comma-separated values, one line for each row, and none for the total.") var csv = false

    func validate() throws {
        guard !(json && csv) else { throw ValidationError("The output has one form: --json or --csv.") }
        guard (1...SpendService.maxLimit).contains(limit) else {
            throw ValidationError("--limit is between 1 and \(SpendService.maxLimit).")
        }
        _ = try grouping()
        try period.validate()
        try filter.validate()
    }

    func run() async throws {
        let configuration = try Configuration.load(global).configuration
        let store = try await ConfiguredDatabase.openStore(configuration.database)
        let (range, zone) = try period.resolved(now: WallClock.now())
        let scope = try await filter.scope(range, in: store)
        let request = SpendReportRequest(by: try grouping(), scope, zone: zone, limit: limit)
        let report = try await SpendService(store).report(request)
        let view = SpendView(report, by: by, range: range, zone: zone)
        if json { return try Terminal.printJSON(view) }
        if csv { return view.csvLines.forEach { Terminal.print(CSV.line($0)) } }
        view.print()
    }

    private func grouping() throws -> SpendReportRequest.Grouping {
        switch by {
        case "owner": return .owner
        case "user": return .user
        case "team": return .team
        case "key": return .key
        case "model": return .model
        case "provider": return .provider
        case "session": return .session
        case "day": return .day
        default:
            let parts = by.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2, parts[0] == "tag", !parts[1].isEmpty { return .tag(String(parts[1])) }
            throw ValidationError(
                "`\(by)` is no grouping; use owner, user, team, key, model, provider, session, day or tag:KEY.")
        }
    }
}
