import Database
import Foundation
import GatewayCore

/// The query behind every report: the stored sums of whole days and hours, and the ledger's own rows at the ends of the
/// range.
///
/// Its text depends on the kind of report only, so that there are few, and they stay prepared.
struct SpendQuery {
    /// Where the sums come from.
    private enum Source {
        /// Days, hours and edges.
        case all
        /// Of whole hours, each by itself.
        case hours
        /// The ledger's own rows alone.
        case rows
    }

    private var scope: SpendScope
    private let source: Source
    /// Under which the stored sums are found.
    private let label: String

    /// - Parameter isTotal: whether only the sum of everything is asked for: less has to be read where nothing is
    ///   filtered.
    init(_ scope: SpendScope, isTotal: Bool = false) {
        self.scope = scope
        source = Self.needsRows(scope) ? .rows : .all
        label = isTotal && scope.isUnfiltered ? SumGroup.all : scope.label?.key ?? ""
    }

    /// The sums of whole hours of the range, to be grouped by `start`.
    init(hoursOf scope: SpendScope) {
        self.scope = scope
        self.scope.range = SpendSpan.hours(of: scope.range)
        source = Self.needsRows(scope) ? .rows : .hours
        label = scope.isUnfiltered ? SumGroup.all : scope.label?.key ?? ""
    }

    /// The sums of sessions are not told apart by model and provider.
    private static func needsRows(_ scope: SpendScope) -> Bool {
        scope.label?.key == SumGroup.session && (scope.model != nil || scope.provider != nil)
    }

    /// - Parameters:
    ///   - columns: of the answer, over `value` and `figures`.
    ///   - value: an expression over `SumGroup.columns`, nil if there is no `value`.
    ///   - figures: those of `SumFigures.columns` that `columns` uses. A statement is quicker with less of them.
    ///   - tail: what follows, such as `GROUP BY value`; it is given the placeholder of `list`.
    ///   - list: an argument for `SQLDialect.elements(of:)`.
    func run(
        _ columns: String, value: String? = nil, figures: [String] = SumFigures.columns,
        tail: (String) -> String = { _ in "" }, list: [String]? = nil, on connection: any Connection
    ) throws -> [Row] {
        var arguments: [SQLValue] = [
            .text(label), .text(scope.label?.value ?? ""), .text(scope.userID ?? ""), .text(scope.teamID ?? ""),
            .text(scope.keyID ?? ""), .text(scope.model ?? ""), .text(scope.provider ?? ""),
        ]
        let needed = (value.map { ["\($0) AS value"] } ?? []) + figures
        let select = "SELECT \(needed.joined(separator: ", "))"
        func ranged(_ range: Range<Int64>, _ from: (String, String) -> String) -> String {
            arguments += [.int64(range.lowerBound), .int64(range.upperBound)]
            return "\(select) \(from("$\(arguments.count - 1)", "$\(arguments.count)"))"
        }
        let span = SpendSpan(scope.range)
        let parts =
            switch source {
            case .all:
                [ranged(span.days) { Self.stored("ledger_days", $0, $1) }]
                    + span.hours.map { ranged($0) { Self.stored("ledger_hours", $0, $1) } }
                    + (span.hasEdges ? span.edges.map { ranged($0, rows) } : [])
            case .hours: [ranged(scope.range) { Self.stored("ledger_hours", $0, $1) }]
            case .rows: [ranged(scope.range, rows)]
            }
        let placeholder = "$\(arguments.count + 1)"
        if let list { arguments.append(.text(String(decoding: try JSONEncoder().encode(list), as: UTF8.self))) }
        let facts = parts.joined(separator: " UNION ALL ")
        return try connection.query("SELECT \(columns) FROM (\(facts)) AS facts \(tail(placeholder))", arguments)
    }

    private static let filters = """
        ($2 = '' OR label_value = $2) AND ($3 = '' OR user_id = $3) AND ($4 = '' OR team_id = $4)
            AND ($5 = '' OR api_key_id = $5) AND ($6 = '' OR resolved_model = $6) AND ($7 = '' OR provider_id = $7)
        """

    private static func stored(_ table: String, _ from: String, _ to: String) -> String {
        """
        FROM \(table) WHERE label_key = $1 AND start >= \(from) AND start < \(to) AND attempts <> 0 AND \(filters)
        """
    }

    /// Rows of the ledger in the form of `ledger_hours`.
    ///
    /// SQLite keeps the order of a `CROSS JOIN` (https://www.sqlite.org/optoverview.html#crossjoin): by itself it would
    /// read all rows that have the tag, however old.
    private func rows(_ from: String, _ to: String) -> String {
        let label =
            switch scope.label?.key {
            case nil: (value: "''", join: "", condition: "")
            case SumGroup.session: (value: "l.session", join: "", condition: "AND l.session IS NOT NULL")
            case SumGroup.unpriced:
                (value: "l.unpriced_reason", join: "", condition: "AND l.unpriced_reason IS NOT NULL")
            case .some:
                (
                    value: "t.value", join: "CROSS JOIN ledger_tags t",
                    condition: "AND t.request_id = l.request_id AND t.key = $1"
                )
            }
        return """
            FROM (
                SELECT l.admitted_at - l.admitted_at % 3600000000 AS start, \(label.value) AS label_value, l.api_key_id, COALESCE(l.user_id, '') AS user_id,
                    COALESCE(l.team_id, '') AS team_id, COALESCE(l.service_account_id, '') AS service_account_id,
                    l.resolved_model, l.provider_id, \(Self.figures)
                FROM ledger l \(label.join) WHERE l.admitted_at >= \(from) AND l.admitted_at < \(to) \(label.condition)
            ) AS entries WHERE \(Self.filters)
            """
    }

    /// `SumFigures.columns` of a row of the ledger.
    private static let figures = {
        let classes = LedgerColumns.classes.map { "l.\($0)" }
        let sums =
            [
                "CASE WHEN l.attempt = 1 THEN 1 ELSE 0 END", "1",
            ] + classes + [
                "l.cost", "CASE WHEN l.usage_source = 'estimated' THEN l.cost ELSE 0 END",
                "CASE WHEN l.usage_source = 'held_maximum' THEN l.cost ELSE 0 END",
                "CASE WHEN l.pricing_status = 'unpriced' THEN 1 ELSE 0 END",
                "CASE WHEN l.pricing_status = 'unpriced' THEN \(classes.joined(separator: " + ")) ELSE 0 END",
                "CASE WHEN l.pricing_status = 'free' THEN 1 ELSE 0 END",
                "CASE WHEN l.pricing_status = 'not_billed' THEN 1 ELSE 0 END",
            ]
        return zip(sums, SumFigures.columns).map { "\($0) AS \($1)" }.joined(separator: ", ")
    }()
}
