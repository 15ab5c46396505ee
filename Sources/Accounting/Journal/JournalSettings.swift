/// Where and how a journal is kept (`accounting.journal`).
public struct JournalSettings: Sendable {
    /// When a record counts as written.
    public enum Sync: Sendable, Hashable {
        /// At the write; it is on the disk about 10 ms later.
        case group
        /// When it is on the disk.
        case each
        /// At the write; the system decides when it is on the disk.
        case off
    }

    /// The folder; created if it is missing, but not its parent.
    public var path: String
    /// The limit of all segments together; a full journal refuses requests.
    public var maxBytes: Int
    public var sync: Sync
    /// The id of this run of the gateway, at most 63 bytes; part of the names of files.
    public var replicaID: String
    /// The size of a segment.
    public var segmentBytes: Int
    /// Microseconds since 1970 UTC.
    public var clock: @Sendable () -> Int64

    /// - Parameter loops: the number of writers. Each needs a segment to write, one prepared, and up to two that open
    ///   intents keep, so the segments are smaller than 16 MiB where `maxBytes` is small for that.
    public init(
        path: String, maxBytes: Int = 1 << 30, sync: Sync = .group, replicaID: String, loops: Int,
        clock: @escaping @Sendable () -> Int64
    ) {
        self.path = path
        self.maxBytes = maxBytes
        self.sync = sync
        self.replicaID = replicaID
        self.clock = clock
        let share = maxBytes / (4 * max(loops, 1)) & ~0xFFFF
        segmentBytes = min(max(share, 128 << 10), 16 << 20)
    }
}
