import Dispatch
import GatewayCore
import Synchronization

extension Journal {
    /// Whether the database's id is known.
    var isStarted: Bool { shared.isStarted.load(ordering: .acquiring) }

    /// A former segment is removed.
    func removeFormer(_ segment: FormerSegment) {
        former.withLock { $0.remove(segment) }
        registry.removeFormer(bytes: segment.fileBytes)
        formerPendingBytes.subtract(segment.fileBytes, ordering: .relaxed)
        shared.wakeKeeper()
    }

    /// Writes what was committed before the call to the disk, and waits for it. Blocks.
    /// - Returns: false if the disk does not take it.
    package func sync() -> Bool { syncer.syncAll() != nil }

    /// Ends the threads, and removes the segments that are applied and have no open intent, so that the next start
    /// finds nothing to do. Blocks on the disk. `JournalApplier` does this at a graceful stop; no loop may write any
    /// more.
    public func close() {
        shared.close()
        for thread in threads.withLock({ $0 }) { thread.join(within: .seconds(2)) }
        for series in registry.series {
            for segment in series.segments {
                guard segment.applied.load(ordering: .relaxed) == segment.committed.load(ordering: .acquiring),
                    segment.intentsWithoutEnd == 0
                else { break }
                // One that cannot be removed is applied again, without effect.
                try? folder.remove(segment.path)
            }
        }
    }

    /// Writes the entry into a segment of its own in the folder `rejected`.
    /// - Returns: the path of the file.
    func setAside(_ entry: LedgerEntry) throws(SystemError) -> String {
        let payload = (try? LedgerEntryCodec.encode(entry)) ?? []
        let rejected = try SegmentFolder(path: "\(folder.path)/rejected").made()
        let size = SegmentHeader.bytes + JournalRecord.size(payloadBytes: payload.count)
        let sequence = UInt64(settings.clock())
        let header = SegmentHeader(
            databaseID: shared.databaseID, replicaID: settings.replicaID, loop: .max, sequence: sequence,
            fileBytes: size)
        let segment = try rejected.create(header)
        _ = SegmentAppender(segment).appendFinal(payloadBytes: payload.count) { $0.copyBytes(from: payload) }
        _ = try segment.sync()
        return segment.path
    }
}

extension JournalSegment {
    /// The intents without an end, counted from the records.
    var intentsWithoutEnd: Int {
        JournalRecords(bytes, seed: nil).reduce(0) { count, record in
            switch record.kind {
            case .intent: count + 1
            case .final, .cancelled, .moved: record.intentOffset == 0 ? count : count - 1
            }
        }
    }
}
