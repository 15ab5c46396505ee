import Glibc
import Synchronization

/// A mapped segment. One event loop appends (`SegmentAppender`); other threads read what is committed, which never
/// changes again, so neither needs a lock.
final class JournalSegment: @unchecked Sendable {  // reason: the pointer of the mapping; see the rule above
    let path: String
    let header: SegmentHeader
    /// The header's checksum, with which those of the records begin.
    let seed: UInt32
    let base: UnsafeMutableRawPointer
    private let flush: SegmentFolder.Flush
    /// The end of the last complete record. The store releases the record, the load acquires it.
    let committed = Atomic(SegmentHeader.bytes)
    /// What the disk has.
    let synced = Atomic(SegmentHeader.bytes)
    /// The records up to here have been applied. Written by the applier only.
    let applied = Atomic(SegmentHeader.bytes)
    /// No record will come: the loop has another segment, and every intent of this one has its end.
    let isFinished = Atomic(false)
    /// The pages up to here are in memory and writable. Written by the thread that syncs, after its creation.
    private let populated = Atomic(0)
    /// Some of its intents stand in later segments too.
    let hasMovedIntents = Atomic(false)

    var capacity: Int { header.fileBytes }

    /// Takes over a mapping of `header.fileBytes`.
    init(
        path: String, header: SegmentHeader, base: UnsafeMutableRawPointer, flush: @escaping SegmentFolder.Flush
    ) {
        self.flush = flush
        self.path = path
        self.header = header
        self.base = base
        seed = SegmentHeader.checksum(of: UnsafeRawBufferPointer(start: base, count: SegmentHeader.bytes))
    }

    deinit {
        munmap(base, capacity)
    }

    /// The header and the committed records.
    var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: base, count: committed.load(ordering: .acquiring))
    }

    /// Whether all its records have been applied, and none will come.
    var isApplied: Bool {
        // In this order: after `isFinished` nothing is committed.
        guard isFinished.load(ordering: .acquiring) else { return false }
        return applied.load(ordering: .relaxed) == committed.load(ordering: .acquiring)
    }

    /// Touches the pages that the loop writes next, so that it does not wait for the file system there: the first write
    /// to a page takes more time than a record, and may wait for a commit of the file system. An older kernel (before
    /// 5.14) does not have the call; then the loop does that itself.
    func populateAhead() {
        let start = populated.load(ordering: .relaxed)
        let committed = committed.load(ordering: .relaxed)
        guard start < capacity, committed + Self.populatedBytes / 2 > start else { return }
        let page = Int(getpagesize())
        let end = min((committed + Self.populatedBytes) / page * page, capacity)
        _ = madvise(base + start, end - start, Self.populateWrite)
        populated.store(end, ordering: .relaxed)
    }

    /// How far ahead of the loop; far more than it writes between two syncs.
    private static let populatedBytes = 1 << 20
    /// MADV_POPULATE_WRITE of linux/mman.h.
    private static let populateWrite: CInt = 23

    /// Writes what was committed before the call to the disk, and waits for it.
    /// - Returns: false if there was nothing to write.
    func sync() throws(SystemError) -> Bool {
        let end = committed.load(ordering: .acquiring)
        let start = synced.load(ordering: .relaxed)
        guard end > start else { return false }
        let page = Int(getpagesize())
        let first = start / page * page
        guard flush(base + first, end - first) == 0 else { throw SystemError("msync") }
        synced.store(end, ordering: .releasing)
        return true
    }
}

/// A system call that failed.
struct SystemError: Error, Equatable {
    let call: String
    let code: CInt

    /// With the code of the call that has just failed.
    init(_ call: String, code: CInt = errno) {
        self.call = call
        self.code = code
    }

    /// The message of the system.
    var reason: String { String(cString: strerror(code)) }
}
