import Database
import GatewayCore

/// The primary key of `ledger_hours` and `ledger_days`. A missing value is empty, so that it compares as any other.
struct SumGroup: Hashable, Comparable {
    /// The label under which every entry stands, by nothing but its time.
    static let all = "@all"
    /// The label under which entries with a session stand. No tag's key has an `@`.
    static let session = "@session"
    /// The label under which entries without a price stand, by the reason.
    static let unpriced = "@unpriced"

    /// In microseconds.
    static let hour: Int64 = 3_600_000_000
    /// In microseconds.
    static let day: Int64 = 24 * hour

    var labelKey = ""
    /// The beginning of the hour or day, microseconds since 1970 UTC.
    var start: Int64
    var labelValue = ""
    let keyID: String
    let userID: String
    let teamID: String
    let serviceAccountID: String
    var model: String
    var provider: String

    static let columns = [
        "label_key", "start", "label_value", "api_key_id", "user_id", "team_id", "service_account_id", "resolved_model",
        "provider_id",
    ]

    /// In the order of `columns`.
    var values: [SQLValue] {
        [
            LedgerColumns.text(labelKey), .int64(start), LedgerColumns.text(labelValue), LedgerColumns.text(keyID),
            LedgerColumns.text(userID), LedgerColumns.text(teamID), LedgerColumns.text(serviceAccountID),
            LedgerColumns.text(model), LedgerColumns.text(provider),
        ]
    }

    /// The beginning of the hour of a time, both in microseconds since 1970 UTC.
    static func hour(of time: Int64) -> Int64 { start(of: hour, at: time) }

    /// The beginning of the UTC day of a time, both in microseconds since 1970 UTC.
    static func day(of time: Int64) -> Int64 { start(of: day, at: time) }

    private static func start(of length: Int64, at time: Int64) -> Int64 {
        time - (time % length + length) % length
    }

    /// The same group under a label.
    func labelled(_ key: String, _ value: String) -> SumGroup {
        var group = self
        (group.labelKey, group.labelValue) = (key, value)
        return group
    }

    /// One order everywhere, in which rows are locked.
    static func < (left: Self, right: Self) -> Bool {
        if left.labelKey != right.labelKey { return left.labelKey < right.labelKey }
        if left.start != right.start { return left.start < right.start }
        if left.labelValue != right.labelValue { return left.labelValue < right.labelValue }
        if left.keyID != right.keyID { return left.keyID < right.keyID }
        if left.model != right.model { return left.model < right.model }
        if left.provider != right.provider { return left.provider < right.provider }
        if left.userID != right.userID { return left.userID < right.userID }
        if left.teamID != right.teamID { return left.teamID < right.teamID }
        return left.serviceAccountID < right.serviceAccountID
    }
}

extension SumGroup {
    /// The hour of an entry, without a label.
    init(_ entry: LedgerEntry) {
        self.init(
            start: Self.hour(of: entry.admittedAt), keyID: entry.caller.keyID, userID: entry.caller.userID ?? "",
            teamID: entry.caller.teamID ?? "", serviceAccountID: "", model: entry.resolvedModel,
            provider: entry.provider)
    }

    /// The hour of any entry.
    static func all(at start: Int64) -> SumGroup {
        SumGroup(
            labelKey: all, start: start, keyID: "", userID: "", teamID: "", serviceAccountID: "", model: "",
            provider: "")
    }
}
