import GatewayCore

/// The key records that one event loop knows: no secrets, and nothing that outlives a change of the database by more than the
/// watch's interval.
struct KeyCache {
    /// What is known of a public id.
    enum Answer {
        case known(KeyRecord)
        /// The database said a moment ago that there is no such key.
        case absent
        /// Ask the database.
        case unknown
    }

    /// Microseconds for which an absence is believed: long enough to blunt a flood, short enough for a key just created.
    private static let absenceLifetime: Int64 = 1_000_000
    /// Made-up ids can neither fill the memory nor throw real keys out.
    private static let maxAbsences = 10_000

    private var records: [String: KeyRecord] = [:]
    /// When the database said so, in microseconds since 1970 UTC.
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

    /// The uses noted since the last call.
    mutating func takeUses() -> [String: Int64] {
        defer { uses = [:] }
        return uses
    }

    /// Something has changed: nothing that is known can be relied on.
    mutating func clear() {
        records = [:]
        absences = [:]
    }
}
