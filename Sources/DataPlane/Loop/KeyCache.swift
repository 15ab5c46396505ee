import GatewayCore

/// The cached key records of one event loop: no secrets, and no record older than the watch's interval after a change
/// of the database.
struct KeyCache {
    /// The cached knowledge of a public id.
    enum Answer {
        case known(KeyRecord)
        /// The database had no such key a moment ago.
        case absent
        /// Ask the database.
        case unknown
    }

    /// How long an absence is cached, in microseconds: long enough against a flood of requests, short enough for a new
    /// key.
    private static let absenceLifetime: Int64 = 1_000_000
    /// Invented ids can neither fill the memory nor evict real keys.
    private static let maxAbsences = 10_000

    private var records: [String: KeyRecord] = [:]
    /// The times of these queries, in microseconds since 1970 UTC.
    private var absences: [String: Int64] = [:]
    private var uses: [String: Int64] = [:]

    /// - Parameter now: microseconds since 1970 UTC.
    func answer(for publicID: String, now: Int64) -> Answer {
        if let record = records[publicID] { return .known(record) }
        guard let told = absences[publicID], now - told < Self.absenceLifetime else { return .unknown }
        return .absent
    }

    mutating func insert(_ record: KeyRecord?, for publicID: String, now: Int64) {
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

    /// Removes everything after a change of the database.
    mutating func clear() {
        records = [:]
        absences = [:]
    }
}
