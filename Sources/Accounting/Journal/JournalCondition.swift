import GatewayCore

/// Whether the journal takes entries.
public enum JournalCondition: Sendable, Hashable {
    /// The database's id is not known yet.
    case notStarted
    case healthy
    /// All segments together have `accounting.journal.max_bytes`: the database takes the entries too slowly, or not.
    case full
    /// No segment can be made. Loops write on while they have space.
    case unwritable(reason: String)
    /// The disk does not take what was written.
    case notSynced(reason: String)
    /// The gateway stops.
    case closed

    /// The refusal of a request that would need an entry.
    var refusal: GatewayError {
        GatewayError(
            .notReady, "\(message) It calls no provider until it can. Try again shortly.",
            cause: cause, source: .store, retryAfterSeconds: 5)
    }

    private var message: String {
        switch self {
        case .notStarted: "The gateway is starting and cannot record requests yet."
        case .healthy: "The gateway cannot record requests as fast as they come."
        case .full: "The gateway cannot record the request, because its journal is full."
        case .closed: "The gateway is stopping and cannot record requests any more."
        case .unwritable, .notSynced: "The gateway cannot record the request, because its journal cannot be written."
        }
    }

    /// For the operator, and what to do.
    var cause: String {
        switch self {
        case .notStarted: "the journal waits for the database"
        case .healthy: "no segment of the journal was prepared in time"
        case .full:
            "the journal has accounting.journal.max_bytes; it is emptied when the database takes its entries again"
        case .unwritable(let reason):
            "no segment can be made in accounting.journal.path: \(reason); free space, or make the folder writable"
        case .closed: "the journal is closed, because the gateway stops"
        case .notSynced(let reason): "the disk of accounting.journal.path does not take the journal: \(reason)"
        }
    }
}

/// What a journal holds, for `/readyz` and the log.
public struct JournalStatus: Sendable, Hashable {
    public var condition: JournalCondition
    /// The records that are not applied to the database yet, those of former runs included.
    public var pendingBytes: Int
    /// How long ago the oldest attempt ended that waits to be applied; nil if none waits.
    public var pendingAge: Duration?
    /// The size of all segments.
    public var usedBytes: Int

    public init(condition: JournalCondition, pendingBytes: Int = 0, pendingAge: Duration? = nil, usedBytes: Int = 0) {
        self.condition = condition
        self.pendingBytes = pendingBytes
        self.pendingAge = pendingAge
        self.usedBytes = usedBytes
    }
}
