import GatewayCore
import Logging
import Synchronization

extension JournalApplier {
    /// Applies what former runs left. A segment is removed when its series is on the database's disk.
    /// - Returns: false if the journal is not started, or the task was cancelled before everything was applied.
    func applyFormer() async -> Bool {
        guard journal.isStarted else { return false }
        for series in journal.former.withLock(\.series) {
            guard await apply(series) else { return false }
        }
        return true
    }

    private func apply(_ series: FormerJournal.Series) async -> Bool {
        var replay = SeriesReplay()
        var damaged: Set<String> = []
        for segment in series {
            guard let contents = await read(segment) else { return false }
            guard let bytes = contents else { continue }
            let found = bytes.withUnsafeBytes { replay.read($0) }
            report(found, of: segment)
            if !found.unreadable.isEmpty { damaged.insert(segment.name) }
            guard await writeAll(found.entries) else { return false }
        }
        let crashed = replay.crashed
        guard await writeAll(crashed) else { return false }
        if !crashed.isEmpty {
            logger.warning(
                "Attempts without an end in a former run's journal are counted at their hold (gateway_crashed).",
                metadata: ["attempts": "\(crashed.count)"])
        }
        return await remove(series, damaged)
    }

    /// A disk may fail for a while: nothing is removed meanwhile, and new entries wait.
    private func read(_ segment: FormerSegment) async -> [UInt8]?? {
        let folder = journal.folder
        return await repeating("A segment of the journal cannot be read; it is tried again.") {
            try await runBlocking { try segment.read(in: folder) }
        }
    }

    private func remove(_ series: FormerJournal.Series, _ damaged: Set<String>) async -> Bool {
        let (journal, logger) = (journal, logger)
        // In their order: the end of an intent may be in a later segment.
        for segment in series {
            let isDone: Void? = await repeating("A segment of the journal that is applied cannot be removed.") {
                try await runBlocking {
                    if damaged.contains(segment.name) {
                        FormerJournal.move(
                            segment.name, to: FormerJournal.damagedFolder, in: journal.folder,
                            why: "it has records that this gateway cannot read", logger)
                    } else {
                        try journal.folder.remove("\(journal.folder.path)/\(segment.name)")
                    }
                }
            }
            guard isDone != nil else { return false }
            journal.removeFormer(segment)
        }
        return true
    }

    private func writeAll(_ entries: [LedgerEntry]) async -> Bool {
        var start = 0
        while start < entries.count {
            let batch = Array(entries[start..<min(start + settings.batchEntries, entries.count)])
            journal.oldestPending.store(batch.lazy.map { $0.endedAt ?? $0.startedAt }.min() ?? 0, ordering: .relaxed)
            guard await write(batch) else { return false }
            start += batch.count
        }
        journal.oldestPending.store(0, ordering: .relaxed)
        return true
    }

    /// - Returns: nil if the task was cancelled first.
    private func repeating<Value: Sendable>(
        _ message: Logger.Message, _ work: () async throws -> Value
    ) async -> Value? {
        var reported: String?
        while !Task.isCancelled {
            do {
                return try await work()
            } catch is CancellationError {
                return nil
            } catch {
                if reported != "\(error)" { logger.error(message, metadata: ["error": "\(error)"]) }
                reported = "\(error)"
            }
            try? await Task.sleep(for: settings.maxPause)  // reason: the pause between attempts; cancelling ends it
        }
        return nil
    }

    private func report(_ found: SeriesReplay.Found, of segment: FormerSegment) {
        let file = "\(journal.folder.path)/\(segment.name)"
        if let cut = found.cut {
            logger.warning(
                "A segment of the journal ends within a record, as after a loss of power; what follows is not applied.",
                metadata: ["file": "\(file)", "offset": "\(cut.offset)", "bytes": "\(cut.bytes)"])
        }
        for offset in found.unreadable {
            logger.error(
                "A record of the journal cannot be read, and is not applied.",
                metadata: ["file": "\(file)", "offset": "\(offset)"])
        }
    }
}
