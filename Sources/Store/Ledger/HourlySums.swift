import Database
import GatewayCore

/// What a group has used: the sums of `ledger_hours`.
struct HourlyFigures {
    var requests: Int64
    var attempts: Int64
    /// In the order of `TokenClass.allCases`.
    var classes: [Int64]
    /// In nanodollars.
    var cost: Int64

    static let zero = HourlyFigures(
        requests: 0, attempts: 0, classes: TokenClass.allCases.map { _ in 0 }, cost: 0)

    static let columns = ["requests", "attempts"] + LedgerColumns.classes + ["cost"]

    /// In the order of `columns`.
    var values: [SQLValue] { ([requests, attempts] + classes + [cost]).map { .int64($0) } }

    mutating func add(_ other: HourlyFigures, times factor: Int64 = 1) {
        requests += other.requests * factor
        attempts += other.attempts * factor
        for index in classes.indices { classes[index] += other.classes[index] * factor }
        cost += other.cost * factor
    }
}

extension HourlyFigures {
    init(_ entry: LedgerEntry) {
        self.init(
            requests: entry.id.attempt == 1 ? 1 : 0, attempts: 1,
            classes: TokenClass.allCases.map { entry.classes[$0] }, cost: entry.cost.nanodollars)
    }
}

/// By how much one transaction changes `ledger_hours`.
struct HourlySums {
    private static let rows = RowsStatement(
        into: "ledger_hours", HourlyGroup.columns + HourlyFigures.columns,
        suffix: """
            ON CONFLICT (label_key, hour, label_value, api_key_id, user_id, team_id, service_account_id, resolved_model,
                provider_id, pricing_status, unpriced_reason, usage_source)
            DO UPDATE SET \(HourlyFigures.columns.map { "\($0) = ledger_hours.\($0) + excluded.\($0)" }.joined(separator: ", "))
            """)

    private var changes: [HourlyGroup: HourlyFigures] = [:]

    /// Adds a row that was inserted.
    mutating func add(_ entry: LedgerEntry) {
        change(HourlyGroup(entry), tags: entry.tags, session: entry.client.session, by: HourlyFigures(entry), times: 1)
    }

    /// Adds the new figures of a row. It keeps its hour, its owner, its route and its labels.
    mutating func add(_ entry: LedgerEntry, replacing old: StoredFigures, tags: [RequestTags.Tag]) {
        var group = old.group
        group.pricingStatus = entry.pricing.name
        group.unpricedReason = entry.pricing.unpricedReason ?? ""
        group.usageSource = entry.usageSource?.rawValue ?? ""
        change(group, tags: tags, session: old.session, by: HourlyFigures(entry), times: 1)
    }

    /// Takes the old figures of a row away.
    mutating func remove(_ old: StoredFigures, tags: [RequestTags.Tag]) {
        change(old.group, tags: tags, session: old.session, by: old.figures, times: -1)
    }

    private mutating func change(
        _ group: HourlyGroup, tags: [RequestTags.Tag], session: String?, by figures: HourlyFigures, times: Int64
    ) {
        changes[group, default: .zero].add(figures, times: times)
        for tag in tags { changes[group.labelled(tag.key, tag.value), default: .zero].add(figures, times: times) }
        if let session {
            changes[group.labelled(HourlyGroup.sessionLabel, session), default: .zero].add(figures, times: times)
        }
    }

    func write(on connection: any Connection) throws {
        let sorted = changes.sorted { $0.key < $1.key }
        try Self.rows.forEach(of: sorted) { sql, chunk in
            try connection.execute(sql, chunk.flatMap { $0.key.values + $0.value.values })
        }
    }
}
