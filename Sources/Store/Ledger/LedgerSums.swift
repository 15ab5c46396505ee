import Database
import GatewayCore

/// The sums of a group in `ledger_hours` and `ledger_days`.
struct SumFigures {
    /// In the order of `columns`.
    private(set) var numbers: [Int64]

    static let columns =
        ["requests", "attempts"] + LedgerColumns.classes + [
            "cost", "estimated", "held_maximum", "unpriced_attempts", "unpriced_tokens", "free_attempts",
            "not_billed_attempts",
        ]

    static let zero = SumFigures(numbers: Array(repeating: 0, count: columns.count))

    private init(numbers: [Int64]) {
        self.numbers = numbers
    }

    /// - Parameter classes: in the order of `TokenClass.allCases`.
    init(attempt: Int, classes: [Int64], cost: Int64, pricingStatus: String, usageSource: String?) {
        let isUnpriced = pricingStatus == PricingStatus.unpriced(reason: "").name
        numbers = [attempt == 1 ? 1 : 0, 1] + classes
        numbers += [
            cost, usageSource == UsageSource.estimated.rawValue ? cost : 0,
            usageSource == UsageSource.heldMaximum.rawValue ? cost : 0, isUnpriced ? 1 : 0,
            isUnpriced ? classes.reduce(0, +) : 0, pricingStatus == PricingStatus.free.name ? 1 : 0,
            pricingStatus == PricingStatus.notBilled.name ? 1 : 0,
        ]
    }

    init(_ entry: LedgerEntry) {
        self.init(
            attempt: entry.id.attempt, classes: TokenClass.allCases.map { entry.classes[$0] },
            cost: entry.cost.nanodollars, pricingStatus: entry.pricing.name, usageSource: entry.usageSource?.rawValue)
    }

    init(_ stored: StoredFigures) {
        self.init(
            attempt: stored.id.attempt, classes: stored.classes, cost: stored.cost, pricingStatus: stored.pricingStatus,
            usageSource: stored.usageSource)
    }

    var values: [SQLValue] { numbers.map { .int64($0) } }

    mutating func add(_ other: SumFigures, times factor: Int64 = 1) {
        for index in numbers.indices { numbers[index] += other.numbers[index] * factor }
    }
}

/// By how much one transaction changes `ledger_hours` and `ledger_days`.
struct LedgerSums {
    private static let hours = rows(of: "ledger_hours")
    private static let days = rows(of: "ledger_days")

    private static func rows(of table: String) -> RowsStatement {
        let sums = SumFigures.columns.map { "\($0) = \(table).\($0) + excluded.\($0)" }.joined(separator: ", ")
        return RowsStatement(
            into: table, SumGroup.columns + SumFigures.columns,
            suffix: "ON CONFLICT (\(SumGroup.columns.joined(separator: ", "))) DO UPDATE SET \(sums)")
    }

    private var changes: [SumGroup: SumFigures] = [:]

    /// Adds a row that was inserted.
    mutating func add(_ entry: LedgerEntry) {
        change(
            SumGroup(entry), tags: entry.tags, session: entry.client.session, reason: entry.pricing.unpricedReason,
            by: SumFigures(entry), times: 1)
    }

    /// Adds the new figures of a row. It keeps its time, its owner, its route and its labels.
    mutating func add(_ entry: LedgerEntry, replacing old: StoredFigures, tags: [RequestTags.Tag]) {
        change(
            old.group, tags: tags, session: old.session, reason: entry.pricing.unpricedReason, by: SumFigures(entry),
            times: 1)
    }

    /// Takes the old figures of a row away.
    mutating func remove(_ old: StoredFigures, tags: [RequestTags.Tag]) {
        change(
            old.group, tags: tags, session: old.session, reason: old.unpricedReason, by: SumFigures(old), times: -1)
    }

    private mutating func change(
        _ group: SumGroup, tags: [RequestTags.Tag], session: String?, reason: String?, by figures: SumFigures,
        times: Int64
    ) {
        var groups = [group, .all(at: group.start)] + tags.map { group.labelled($0.key, $0.value) }
        if let reason { groups.append(group.labelled(SumGroup.unpriced, reason)) }
        if let session {
            var group = group.labelled(SumGroup.session, session)
            (group.model, group.provider) = ("", "")
            groups.append(group)
        }
        for group in groups { changes[group, default: .zero].add(figures, times: times) }
    }

    func write(on connection: any Connection) throws {
        try Self.write(changes, with: Self.hours, on: connection)
        var days: [SumGroup: SumFigures] = [:]
        for (hour, figures) in changes {
            var group = hour
            group.start = SumGroup.day(of: hour.start)
            days[group, default: .zero].add(figures)
        }
        try Self.write(days, with: Self.days, on: connection)
    }

    private static func write(
        _ changes: [SumGroup: SumFigures], with rows: RowsStatement, on connection: any Connection
    ) throws {
        try rows.forEach(of: changes.sorted { $0.key < $1.key }) { sql, chunk in
            try connection.execute(sql, chunk.flatMap { $0.key.values + $0.value.values })
        }
    }
}
