import Database
import GatewayCore

/// The primary key of `ledger_hours`. A missing value is empty, so that it compares as any other.
struct HourlyGroup: Hashable, Comparable {
    /// The label under which entries with a session stand again. No tag's key has an `@`.
    static let sessionLabel = "@session"

    var labelKey = ""
    /// The hour's beginning, microseconds since 1970 UTC.
    let hour: Int64
    var labelValue = ""
    let keyID: String
    let userID: String
    let teamID: String
    let serviceAccountID: String
    let model: String
    let provider: String
    var pricingStatus: String
    var unpricedReason: String
    var usageSource: String

    static let columns = [
        "label_key", "hour", "label_value", "api_key_id", "user_id", "team_id", "service_account_id", "resolved_model",
        "provider_id", "pricing_status", "unpriced_reason", "usage_source",
    ]

    /// In the order of `columns`.
    var values: [SQLValue] {
        [.text(labelKey), .int64(hour)]
            + [
                labelValue, keyID, userID, teamID, serviceAccountID, model, provider, pricingStatus, unpricedReason,
                usageSource,
            ].map { LedgerColumns.text($0) }
    }

    /// The beginning of the hour of a time, both in microseconds since 1970 UTC.
    static func hour(of time: Int64) -> Int64 {
        time - (time % LedgerHours.length + LedgerHours.length) % LedgerHours.length
    }

    /// The same group under a label.
    func labelled(_ key: String, _ value: String) -> HourlyGroup {
        var group = self
        (group.labelKey, group.labelValue) = (key, value)
        return group
    }

    /// One order everywhere, in which rows are locked.
    static func < (left: Self, right: Self) -> Bool {
        if left.hour != right.hour { return left.hour < right.hour }
        if left.labelKey != right.labelKey { return left.labelKey < right.labelKey }
        if left.labelValue != right.labelValue { return left.labelValue < right.labelValue }
        if left.keyID != right.keyID { return left.keyID < right.keyID }
        if left.model != right.model { return left.model < right.model }
        if left.provider != right.provider { return left.provider < right.provider }
        return left.rest.lexicographicallyPrecedes(right.rest)
    }

    private var rest: [String] {
        [userID, teamID, serviceAccountID, pricingStatus, unpricedReason, usageSource]
    }
}

extension HourlyGroup {
    /// The group of an entry, without a label.
    init(_ entry: LedgerEntry) {
        self.init(
            hour: Self.hour(of: entry.admittedAt), keyID: entry.caller.keyID, userID: entry.caller.userID ?? "",
            teamID: entry.caller.teamID ?? "", serviceAccountID: "", model: entry.resolvedModel,
            provider: entry.provider, pricingStatus: entry.pricing.name,
            unpricedReason: entry.pricing.unpricedReason ?? "", usageSource: entry.usageSource?.rawValue ?? "")
    }
}

/// The unit of `ledger_hours`.
enum LedgerHours {
    /// In microseconds.
    static let length: Int64 = 3_600_000_000
}
