/// The names of a connection's prepared statements, and which of them to give up when there are too many.
struct StatementCache {
    /// The same text with arguments of other types is another statement to the server.
    struct Key: Hashable {
        let sql: String
        let types: [UInt32]
    }

    /// What `name(for:)` decided.
    enum Answer: Equatable {
        case known(String)
        /// To be prepared under this name, once `dropping` has been deallocated.
        case new(String, dropping: String?)
    }

    private struct Entry {
        let name: String
        var lastUse: Int
    }

    private let limit: Int
    private var entries: [Key: Entry] = [:]
    private var uses = 0
    private var names = 0

    init(limit: Int) {
        self.limit = limit
    }

    mutating func name(for key: Key) -> Answer {
        uses += 1
        if let name = entries[key]?.name {
            entries[key]?.lastUse = uses
            return .known(name)
        }
        var dropped: String?
        if entries.count >= limit, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            dropped = oldest.value.name
            entries[oldest.key] = nil
        }
        names += 1
        let name = "s\(names)"
        entries[key] = Entry(name: name, lastUse: uses)
        return .new(name, dropping: dropped)
    }

    /// The server refused to prepare it.
    mutating func remove(_ key: Key) {
        entries[key] = nil
    }

    mutating func removeAll() {
        entries = [:]
    }
}
