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

    private struct Entry {
        let record: KeyRecord?
        let fetchedAt: Int64
        var lastUsedAt: Int64?
    }

    /// Microseconds for which an absence is believed: long enough to blunt a flood, short enough for a key just created.
    private static let absenceLifetime: Int64 = 1_000_000
    /// Made-up ids cannot fill the memory: at this many entries the cache starts anew.
    private static let mostEntries = 100_000

    private var entries: [String: Entry] = [:]

    /// - Parameter now: microseconds since 1970 UTC.
    func answer(for publicID: String, now: Int64) -> Answer {
        guard let entry = entries[publicID] else { return .unknown }
        if let record = entry.record { return .known(record) }
        return now - entry.fetchedAt < Self.absenceLifetime ? .absent : .unknown
    }

    mutating func insert(_ record: KeyRecord?, for publicID: String, now: Int64) {
        if entries.count >= Self.mostEntries { entries = [:] }
        entries[publicID] = Entry(record: record, fetchedAt: now)
    }

    mutating func noteUse(of publicID: String, now: Int64) {
        entries[publicID]?.lastUsedAt = now
    }

    /// The uses noted since the last call.
    mutating func takeUses() -> [String: Int64] {
        var uses: [String: Int64] = [:]
        for (publicID, entry) in entries {
            guard let lastUsedAt = entry.lastUsedAt else { continue }
            uses[publicID] = lastUsedAt
            entries[publicID]?.lastUsedAt = nil
        }
        return uses
    }

    /// Something has changed: nothing that is known can be relied on. Uses that were not taken are returned.
    mutating func clear() -> [String: Int64] {
        defer { entries = [:] }
        return takeUses()
    }
}
