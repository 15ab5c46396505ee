import GatewayCore
public import Store

/// Reports of what was spent, over the ledger.
public struct SpendService: Sendable {
    /// The longest range of a report by day.
    public static let maxDays = 3700
    /// The greatest number of rows.
    public static let maxLimit = 100_000

    let store: GatewayStore

    public init(_ store: GatewayStore) {
        self.store = store
    }

    /// All of a report is as of one moment.
    /// - Throws: `SpendReportError`, `StoreError`.
    public func report(_ request: SpendReportRequest) async throws -> SpendReport {
        guard (1...Self.maxLimit).contains(request.limit) else { throw SpendReportError.limit(max: Self.maxLimit) }
        if request.grouping == .day {
            // Counted before the days are made, each of which has at least 22 hours.
            let length = request.scope.range.upperBound - request.scope.range.lowerBound
            guard length / (22 * 3_600_000_000) <= Self.maxDays else {
                throw SpendReportError.tooManyDays(max: Self.maxDays)
            }
            return try await store.read { try Self.byDay(request, $0) }
        }
        return try await store.read { try Self.byGroup(request, $0) }
    }

    private static func byGroup(_ request: SpendReportRequest, _ reader: StoreReader) throws -> SpendReport {
        let dimension = request.grouping.dimension
        var scope = request.scope
        if let label = request.grouping.label {
            guard scope.label == nil || scope.label?.key == label.key else { throw SpendReportError.twoLabels }
            scope.label = scope.label ?? label
        }
        let total = try reader.spendTotal(request.scope)
        let (groups, count) = try reader.spend(by: dimension, scope, limit: request.limit)
        let listed = groups.map(\.figures).reduce(SpendFigures(), +)
        let isComplete = count == groups.count
        let labelled = isComplete ? listed : scope == request.scope ? total : try reader.spendTotal(scope)
        let reasons = try scope.label == nil ? Self.reasons(of: groups, dimension, scope, reader) : nil
        let names = try names(of: groups, request.grouping, reader)
        var rows = groups.map { group in
            SpendReport.Row(
                kind: group.value.isEmpty ? .none : .group, value: group.value,
                name: names[group.value] ?? group.value, figures: group.figures,
                unpricedReasons: reasons.map { $0[group.value] ?? [:] })
        }
        if !isComplete {
            rows.append(.remainder(.rest(groups: count - groups.count), labelled - listed))
        }
        if labelled.attempts != total.attempts { rows.append(.remainder(.none, total - labelled)) }
        return SpendReport(rows: rows, total: total, unpricedReasons: try allReasons(request.scope, total, reader))
    }

    private static func byDay(_ request: SpendReportRequest, _ reader: StoreReader) throws -> SpendReport {
        let hours = try reader.spendByHour(request.scope)
        let days = request.zone.days(in: request.scope.range)
        var rows: [SpendReport.Row] = []
        for day in days {
            let figures = try DaySums(day.range).sum(hours) { part in
                var scope = request.scope
                scope.range = part
                return try reader.spendTotal(scope)
            }
            rows.append(
                SpendReport.Row(
                    kind: .group, value: day.name, name: day.name, figures: figures, unpricedReasons: nil))
        }
        let total = rows.map(\.figures).reduce(SpendFigures(), +)
        return SpendReport(rows: rows, total: total, unpricedReasons: try allReasons(request.scope, total, reader))
    }

    private static func reasons(
        of groups: [SpendGroup], _ dimension: SpendDimension, _ scope: SpendScope, _ reader: StoreReader
    ) throws -> [String: [String: Int64]] {
        let unpriced = groups.filter { $0.figures.unpricedAttempts > 0 }.map(\.value)
        return try reader.unpricedReasons(by: dimension, unpriced, scope)
    }

    /// Nil where rows are found by a tag or session, under which the reasons are not stored.
    private static func allReasons(
        _ scope: SpendScope, _ total: SpendFigures, _ reader: StoreReader
    ) throws -> [String: Int64]? {
        guard scope.label == nil else { return nil }
        guard total.unpricedAttempts > 0 else { return [:] }
        return try reader.unpricedReasons(scope)
    }

    /// The names by the groups' values.
    private static func names(
        of groups: [SpendGroup], _ grouping: SpendReportRequest.Grouping, _ reader: StoreReader
    ) throws -> [String: String] {
        let values = groups.map(\.value).filter { !$0.isEmpty }
        switch grouping {
        case .user: return try reader.spendNames(users: values, teams: [], keys: []).users
        case .team: return try reader.spendNames(users: [], teams: values, keys: []).teams
        case .key: return try reader.spendNames(users: [], teams: [], keys: values).keys
        case .owner:
            let parts = values.map { $0.split(separator: ":", maxSplits: 1).map(String.init) }
            let ids = Dictionary(grouping: parts.filter { $0.count == 2 }, by: { $0[0] }).mapValues { $0.map { $0[1] } }
            let names = try reader.spendNames(users: ids["user"] ?? [], teams: ids["team"] ?? [], keys: [])
            return names.users.reduce(into: [:]) { $0["user:\($1.key)"] = "user:\($1.value)" }
                .merging(names.teams.map { ("team:\($0.key)", "team:\($0.value)") }) { $1 }
        case .model, .provider, .tag, .session, .day: return [:]
        }
    }
}

extension SpendReport.Row {
    fileprivate static func remainder(_ kind: Kind, _ figures: SpendFigures) -> Self {
        Self(kind: kind, value: "", name: "", figures: figures, unpricedReasons: nil)
    }
}

extension SpendReportRequest.Grouping {
    fileprivate var dimension: SpendDimension {
        switch self {
        case .owner: .owner
        case .user: .user
        case .team: .team
        case .key: .key
        case .model: .model
        case .provider: .provider
        case .tag, .session: .label
        // Not asked for: days are made of hours.
        case .day: .label
        }
    }

    fileprivate var label: SpendScope.Label? {
        switch self {
        case .tag(let key): .tag(key)
        case .session: .session()
        default: nil
        }
    }
}
