import GatewayCore

/// The cached key records of one event loop: no secrets, and no record older than the watch's interval after a change
/// of the database.
struct KeyCache {
    /// The cached knowledge of a public id.
    enum Answer {
        case known(KeyRecord)
        /// The database had no such key a moment ago.
        case absent
        /// Ask the database: something has changed since this was read. It tells a caller who had the key before that
        /// from a stranger, and nothing else.
        case outdated(KeyRecord)
        /// Ask the database.
        case unknown
    }

    /// How long an absence is cached, in microseconds: long enough against a flood of requests, short enough for a new
    /// key.
    private static let absenceLifetime: Int64 = 1_000_000
    /// Invented ids can neither fill the memory nor evict real keys.
    private static let maxAbsences = 10_000

    private var records: [String: KeyRecord] = [:]
    /// What `records` had before the last change, as far as it was not read again.
    private var outdated: [String: KeyRecord] = [:]
    /// The times of these queries, in microseconds since 1970 UTC. Apart from the records, so that neither affects the
    /// other.
    private var absences: [String: Int64] = [:]
    private var uses: [String: Int64] = [:]

    /// - Parameter now: microseconds since 1970 UTC.
    func answer(for publicID: String, now: Int64) -> Answer {
        if let record = records[publicID] { return .known(record) }
        if let record = outdated[publicID] { return .outdated(record) }
        guard let told = absences[publicID], now - told < Self.absenceLifetime else { return .unknown }
        return .absent
    }

    mutating func insert(_ record: KeyRecord?, for publicID: String, now: Int64) {
        if !outdated.isEmpty { outdated[publicID] = nil }
        if let record {
            records[publicID] = record
        } else {
            if absences.count >= Self.maxAbsences { absences = [:] }
            absences[publicID] = now
        }
    }

    mutating func recordUse(of publicID: String, now: Int64) {
        uses[publicID] = now
    }

    /// The uses recorded since the last call.
    mutating func takeUses() -> [String: Int64] {
        defer { uses = [:] }
        return uses
    }

    /// Nothing is used any more that was read before a change of the database.
    mutating func invalidate() {
        outdated.merge(records) { _, newer in newer }
        records = [:]
        absences = [:]
    }
}
