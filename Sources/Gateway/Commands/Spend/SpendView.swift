import GatewayCore
import Operations
import Store

/// A report in the output of commands: exact amounts as JSON and CSV, rounded ones on the terminal.
struct SpendView: Encodable {
    let by: String
    let from: String
    let to: String
    let timeZone: String
    let rows: [SpendRowView]
    let total: SpendFiguresView
    /// Nil where a tag or session filters.
    let unpricedReasons: [String: Int64]?

    enum CodingKeys: String, CodingKey {
        case by, from, to, rows, total
        case timeZone = "time_zone"
        case unpricedReasons = "unpriced_reasons"
    }

    init(_ report: SpendReport, by: String, range: Range<Int64>, zone: CalendarZone) {
        self.by = by
        from = Terminal.time(range.lowerBound)
        to = Terminal.time(range.upperBound)
        timeZone = zone.identifier
        rows = report.rows.map { SpendRowView($0, by: by) }
        total = SpendFiguresView(report.total)
        unpricedReasons = report.unpricedReasons
    }

    /// The heading and the rows.
    var csvLines: [[String]] {
        [["kind", by, "name"] + SpendFiguresView.csvColumns + ["unpriced_reasons"]]
            + rows.map { row in
                let reasons = (row.unpricedReasons ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
                return [row.kind, row.value, row.name] + row.figures.csvCells + [reasons.joined(separator: " ")]
            }
    }

    func print() {
        Terminal.print("Spend by \(by), from \(from) to \(to), days in \(timeZone). Amounts are dollars.")
        guard total.attempts > 0 else { return Terminal.print("Nothing was sent to a provider in that time.") }
        let heading = [by.uppercased()] + SpendFiguresView.columns
        Terminal.printTable(
            Self.aligned([heading] + rows.map { [$0.name] + $0.figures.cells } + [["TOTAL"] + total.cells]))
        for (reason, attempts) in (unpricedReasons ?? [:]).sorted(by: { $0.key < $1.key }) {
            Terminal.print("unpriced: \(attempts) attempts, \(reason)")
        }
    }

    /// All columns but the first are numbers: their cells end in one line.
    private static func aligned(_ rows: [[String]]) -> [[String]] {
        let columns = rows.first?.count ?? 0
        let widths = (0..<columns).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            row.enumerated().map { column, cell in
                column == 0 ? cell : String(repeating: " ", count: widths[column] - cell.count) + cell
            }
        }
    }
}

struct SpendRowView: Encodable {
    /// `group`, `none` or `rest`.
    let kind: String
    let value: String
    let name: String
    let figures: SpendFiguresView
    let unpricedReasons: [String: Int64]?

    enum CodingKeys: String, CodingKey {
        case kind, value, name, figures
        case unpricedReasons = "unpriced_reasons"
    }

    init(_ row: SpendReport.Row, by: String) {
        (kind, name) =
            switch row.kind {
            case .group: ("group", row.name)
            case .none: ("none", "(no \(by.hasPrefix("tag:") ? "tag \(by.dropFirst(4))" : by))")
            case .rest(let groups): ("rest", "(\(groups) more)")
            }
        value = row.value
        figures = SpendFiguresView(row.figures)
        unpricedReasons = row.unpricedReasons
    }
}

struct SpendFiguresView: Encodable {
    let requests: Int64
    let attempts: Int64
    /// By class.
    let tokens: [String: Int64]
    /// Dollars, exactly, as all amounts.
    let cost: String
    let estimated: String
    let heldMaximum: String
    let unpricedAttempts: Int64
    let unpricedTokens: Int64
    let freeAttempts: Int64
    let notBilledAttempts: Int64
    /// Not in the output, where `cells` are rounded.
    private let figures: SpendFigures

    enum CodingKeys: String, CodingKey {
        case requests, attempts, tokens, cost, estimated
        case heldMaximum = "held_maximum"
        case unpricedAttempts = "unpriced_attempts"
        case unpricedTokens = "unpriced_tokens"
        case freeAttempts = "free_attempts"
        case notBilledAttempts = "not_billed_attempts"
    }

    init(_ figures: SpendFigures) {
        self.figures = figures
        requests = figures.requests
        attempts = figures.attempts
        tokens = TokenClass.allCases.reduce(into: [:]) { $0[$1.rawValue] = figures.classes[$1] }
        cost = figures.cost.decimal
        estimated = figures.estimated.decimal
        heldMaximum = figures.heldMaximum.decimal
        unpricedAttempts = figures.unpricedAttempts
        unpricedTokens = figures.unpricedTokens
        freeAttempts = figures.freeAttempts
        notBilledAttempts = figures.notBilledAttempts
    }

    static let csvColumns =
        ["requests", "attempts"] + TokenClass.allCases.map(\.rawValue) + [
            "cost", "estimated", "held_maximum", "unpriced_attempts", "unpriced_tokens", "free_attempts",
            "not_billed_attempts",
        ]

    var csvCells: [String] {
        ["\(requests)", "\(attempts)"] + TokenClass.allCases.map { "\(figures.classes[$0])" } + [
            cost, estimated, heldMaximum, "\(unpricedAttempts)", "\(unpricedTokens)", "\(freeAttempts)",
            "\(notBilledAttempts)",
        ]
    }

    static let columns = [
        "REQUESTS", "ATTEMPTS", "INPUT", "FROM CACHE", "OUTPUT", "COST", "ESTIMATED", "UPPER BOUND", "UNPRICED",
    ]

    var cells: [String] {
        let classes = figures.classes
        return [
            "\(requests)", "\(attempts)", "\(classes.input)", "\(classes.inputCacheRead)",
            "\(classes.outputText + classes.outputReasoning + classes.outputAudio)", figures.cost.rounded,
            figures.estimated.rounded, figures.heldMaximum.rounded, "\(unpricedAttempts)",
        ]
    }
}

extension Money {
    /// To a hundredth of a cent, half up.
    fileprivate var rounded: String {
        let step: Int64 = 100_000
        let text = Money(nanodollars: (nanodollars + step / 2) / step * step).decimal
        let decimals = text.split(separator: ".").last?.count ?? 0
        return text + String(repeating: "0", count: max(0, 4 - decimals))
    }
}
