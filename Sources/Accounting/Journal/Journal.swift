import GatewayCore
public import Logging
public import NIOCore
import Synchronization

/// The data plane's only way to write what requests cost (docs/pricing-and-accounting.md, The journal).
///
/// Open it at the start of the process, make a writer on each event loop, and start it once the id of the database is
/// known; until then every `begin` is refused. A `JournalApplier` brings its entries into the database.
public final class Journal: Sendable {
    let settings: JournalSettings
    let folder: SegmentFolder
    let registry = SegmentRegistry()
    let shared: JournalShared
    let former: Mutex<FormerJournal>
    /// The end of the oldest attempt that waits to be applied, in microseconds since 1970; 0 if none waits.
    let oldestPending = Atomic<Int64>(0)
    /// Bytes of former segments that are not applied.
    let formerPendingBytes = Atomic(0)
    let threads = Mutex<[JournalThread]>([])
    let syncer: JournalSyncer
    private let lock: FolderLock
    let logger: Logger

    /// Locks the folder, and looks at what former runs left. Blocks on the disk.
    /// - Throws: `JournalError` if the folder cannot be used, or holds what this gateway cannot read.
    public convenience init(_ settings: JournalSettings, logger: Logger) throws(JournalError) {
        try self.init(settings, folder: SegmentFolder(path: settings.path), logger: logger)
    }

    /// With a disk that fails as a test wants it.
    /// - Parameters:
    ///   - allocate: reserves the space of a file, as posix_fallocate(3): returns 0 or the error's code.
    ///   - flush: writes a part of a mapping to the disk, as msync(2).
    package convenience init(
        _ settings: JournalSettings, logger: Logger, allocate: SegmentFolder.Allocate? = nil,
        flush: SegmentFolder.Flush? = nil
    ) throws(JournalError) {
        var folder = SegmentFolder(path: settings.path)
        if let allocate { folder.allocate = allocate }
        if let flush { folder.flush = flush }
        try self.init(settings, folder: folder, logger: logger)
    }

    private init(_ settings: JournalSettings, folder: SegmentFolder, logger: Logger) throws(JournalError) {
        guard Self.isID(settings.replicaID) else { throw .invalidID(settings.replicaID) }
        self.settings = settings
        self.folder = folder
        self.logger = logger
        lock = try FolderLock(settings.path)
        shared = JournalShared(settings.sync)
        let former = try FormerJournal(in: folder)
        self.former = Mutex(former)
        syncer = JournalSyncer(registry, shared, folder: settings.path, logger: logger)
    }

    deinit {
        shared.close()
    }

    /// The writer of an event loop, which alone may use it. Call it on the loop, once for each.
    public func makeWriter(on eventLoop: any EventLoop) -> JournalWriter {
        eventLoop.preconditionInEventLoop()
        let box = NIOLoopBoundBox<WeakWriter>(WeakWriter(), eventLoop: eventLoop)
        let channel = registry.addSeries { loop in
            WriterChannel(loop: loop, shared: shared) { error in
                eventLoop.execute { box.value.writer?.completeWaiters(error) }
            }
        }
        let writer = JournalWriter(self, on: eventLoop, channel: channel)
        box.value.writer = writer
        shared.wakeKeeper()
        return writer
    }

    /// Moves aside what is not of this database, and begins to prepare segments. Blocks on the disk. A second call has
    /// no effect.
    /// - Parameter databaseID: at most 63 letters, digits and hyphens.
    public func start(databaseID: String) throws(JournalError) {
        guard Self.isID(databaseID) else { throw .invalidID(databaseID) }
        guard !isStarted else { return }
        former.withLock { former in
            former.keep(databaseID: databaseID, in: folder, logger: logger)
            registry.setFormer(bytes: former.bytes, lastSequence: former.lastSequence)
            formerPendingBytes.store(former.bytes, ordering: .relaxed)
            guard !former.segments.isEmpty else { return }
            logger.notice(
                "The journal has entries of former runs, which are applied now.",
                metadata: ["segments": "\(former.segments.count)", "bytes": "\(former.bytes)"])
        }
        shared.start(databaseID: databaseID)
        let keeper = SegmentKeeper(
            folder, settings, databaseID: databaseID, registry: registry, shared: shared, logger: logger)
        _ = keeper.work()
        // The threads keep the lock: another process must not find them at work.
        let lock = lock
        threads.withLock { $0.append(JournalThread("journal-keeper") { withExtendedLifetime(lock) { keeper.run() } }) }
        guard settings.sync != .off else { return }
        threads.withLock { threads in
            threads.append(JournalThread("journal-sync") { [syncer] in withExtendedLifetime(lock) { syncer.run() } })
        }
    }

    /// What the journal holds, and whether it takes entries.
    public var status: JournalStatus {
        let oldest = oldestPending.load(ordering: .relaxed)
        return JournalStatus(
            condition: shared.condition,
            pendingBytes: registry.pendingBytes + formerPendingBytes.load(ordering: .relaxed),
            pendingAge: oldest > 0 ? .microseconds(max(settings.clock() - oldest, 0)) : nil,
            usedBytes: registry.usedBytes)
    }

    private static func isID(_ text: String) -> Bool {
        (1...SegmentHeader.maxTextBytes).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "-")
            }
    }
}

/// The channel must not keep its writer.
private struct WeakWriter {
    weak var writer: JournalWriter?
}
