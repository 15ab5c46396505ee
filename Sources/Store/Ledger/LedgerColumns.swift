import Database
import GatewayCore

/// The columns of `ledger`, and what an entry has for them.
enum LedgerColumns {
    static let classes = TokenClass.allCases.map(\.rawValue)

    static let all =
        [
            "request_id", "attempt", "replica_id", "api_key_id", "user_id", "team_id", "operation", "requested_model",
            "resolved_model", "provider_id", "route_id", "upstream_model", "session", "agent", "client",
        ] + classes + [
            "pricing_status", "unpriced_reason", "pricing_id", "rates", "provenance", "hold", "cost", "end_reason",
            "usage_source", "admitted_at", "started_at", "ended_at", "settled_at",
        ]

    /// In the order of `all`.
    static func values(of entry: LedgerEntry, settledAt: Int64) -> [SQLValue] {
        var values: [SQLValue] = [
            text(entry.id.requestID), .int64(Int64(entry.id.attempt)), text(entry.replicaID), text(entry.caller.keyID),
            text(entry.caller.userID), text(entry.caller.teamID), text(entry.operation.rawValue),
            text(entry.requestedModel), text(entry.resolvedModel), text(entry.provider), text(entry.route),
            text(entry.upstreamModel), text(entry.client.session), text(entry.client.agent), text(entry.client.client),
        ]
        values.reserveCapacity(all.count)
        for tokenClass in TokenClass.allCases { values.append(.int64(entry.classes[tokenClass])) }
        values += [
            text(entry.pricing.name), text(entry.pricing.unpricedReason), text(entry.price?.pricingID),
            text(entry.price?.rates), text(entry.price?.provenance), .int64(entry.hold.nanodollars),
            .int64(entry.cost.nanodollars), text(entry.endReason.rawValue), text(entry.usageSource?.rawValue),
            .int64(entry.admittedAt), .int64(entry.startedAt), .int64(entry.endedAt), .int64(settledAt),
        ]
        return values
    }

    /// A text without zero characters, which no engine stores: an entry that cannot be stored would hold up the rest.
    static func text(_ value: String?) -> SQLValue {
        guard let value, value.utf8.contains(0) else { return .text(value) }
        return .text(value.replacing("\0", with: "\u{FFFD}"))
    }
}
