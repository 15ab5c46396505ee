import ArgumentParser
import Operations
import Store

/// Which part of the ledger a report is about.
struct SpendFilterOptions: ParsableArguments {
    @Option(help: "Only keys of this user: an e-mail address, or the id.") var user: String?
    @Option(help: "Only this team: its key, or its id.") var team: String?
    @Option(help: "Only this key: its public id, its name, or its id.") var key: String?
    @Option(help: "Only this model, as requests were resolved.") var model: String?
    @Option(help: "Only this provider.") var provider: String?
    @Option(help: ArgumentHelp("Only requests with this tag.", valueName: "key=value")) var tag: String?
    @Option(help: "Only this session.") var session: String?

    func validate() throws {
        _ = try label()
    }

    /// - Throws: `CommandFailure` for a user, team or key that is not known: an empty report would look as if nothing
    ///   had been spent.
    func scope(_ range: Range<Int64>, in store: GatewayStore) async throws -> SpendScope {
        let label = try label()
        let ids = try await SpendService(store).ids(user: user, team: team, key: key)
        return SpendScope(
            range, userID: ids.user, teamID: ids.team, keyID: ids.key, model: model, provider: provider, label: label)
    }

    private func label() throws -> SpendScope.Label? {
        guard let tag else { return session.map { .session($0) } }
        guard session == nil else { throw ValidationError("Filter by --tag or by --session.") }
        let parts = tag.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
            throw ValidationError("`\(tag)` is no tag; write it as key=value.")
        }
        return .tag(parts[0], parts[1])
    }
}
