import GatewayCore
import Logging

extension JournalApplier {
    /// Writes entries, however often it takes.
    /// - Returns: false if the task was cancelled before they were written.
    func write(_ entries: [LedgerEntry]) async -> Bool {
        var pause = settings.firstPause
        var reported: String?
        while !Task.isCancelled {
            do {
                try await writer.apply(entries)
                if reported != nil { recordRecovery() }
                return true
            } catch let rejection as LedgerRejection {
                if await writeApart(entries, rejection) { return true }
            } catch is CancellationError where Task.isCancelled {
                return false
            } catch {
                report("\(error)", &reported)
            }
            try? await Task.sleep(for: pause)  // reason: the pause between attempts; cancelling ends it
            pause = min(pause * 2, settings.maxPause)
        }
        return false
    }

    private func report(_ error: String, _ reported: inout String?) {
        guard reported != error else { return }
        reported = error
        let status = journal.status
        logger.error(
            "The ledger does not take the journal's entries; they stay in the journal and are tried again.",
            metadata: ["error": "\(error)", "bytes": "\(status.pendingBytes)", "age": "\(status.ageText)"])
    }

    private func recordRecovery() {
        let status = journal.status
        logger.notice(
            "The ledger takes the journal's entries again.",
            metadata: ["bytes": "\(status.pendingBytes)", "age": "\(status.ageText)"])
    }

    // MARK: Entries that the database refuses

    /// One entry must not keep all others out. Each is tried alone, and set aside if it is refused alone too.
    /// - Returns: false if an entry was neither written nor set aside.
    private func writeApart(_ entries: [LedgerEntry], _ rejection: LedgerRejection) async -> Bool {
        guard entries.count > 1 else { return entries.allSatisfy { setAside($0, rejection) } }
        for entry in entries {
            do {
                try await writer.apply([entry])
            } catch let rejection as LedgerRejection {
                guard setAside(entry, rejection) else { return false }
            } catch {
                return false
            }
        }
        return true
    }

    /// Keeps the entry in a segment of its own below the journal's folder.
    private func setAside(_ entry: LedgerEntry, _ rejection: LedgerRejection) -> Bool {
        do {
            let path = try journal.setAside(entry)
            logger.error(
                """
                The ledger refuses an entry, which was set aside: its cost is not counted. Move the file into the \
                journal folder and restart the gateway to try it again.
                """,
                metadata: [
                    "gateway_request_id": "\(entry.id.requestID)", "attempt": "\(entry.id.attempt)", "file": "\(path)",
                    "error": "\(rejection.reason)",
                ])
            return true
        } catch {
            logger.error(
                "The ledger refuses an entry, which cannot be set aside: \(error.reason). It is tried again.",
                metadata: ["gateway_request_id": "\(entry.id.requestID)", "error": "\(rejection.reason)"])
            return false
        }
    }
}

extension JournalStatus {
    /// The age for the log.
    var ageText: String { pendingAge.map { "\($0.components.seconds) s" } ?? "0 s" }
}
