import Accounting
import Foundation
import GatewayCore
import NIOCore
import NIOPosix
import Testing

/// A folder for journals, which is removed with it.
final class JournalFixture: Sendable {
    let path = FileManager.default.temporaryDirectory.appending(path: "sluice-\(UUID().uuidString)").path
    let log = RecordingLog()

    deinit {
        _ = chmod(path, 0o700)
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The wall clock.
    static let clock: @Sendable () -> Int64 = { Int64(Date().timeIntervalSince1970 * 1_000_000) }

    func settings(
        segmentBytes: Int = 128 << 10, maxBytes: Int = 32 << 20, sync: JournalSettings.Sync = .group,
        replica: String = "replica-1"
    ) -> JournalSettings {
        var settings = JournalSettings(
            path: path, maxBytes: maxBytes, sync: sync, replicaID: replica, loops: 2, clock: Self.clock)
        settings.segmentBytes = segmentBytes
        return settings
    }

    func open(_ settings: JournalSettings? = nil) throws -> Journal {
        try Journal(settings ?? self.settings(), logger: log.logger)
    }

    func started(_ settings: JournalSettings? = nil, database: String = "database-1") throws -> Journal {
        let journal = try open(settings)
        try journal.start(databaseID: database)
        return journal
    }

    /// The names of the segments in a folder, sorted.
    func segments(_ subfolder: String = "") -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(path)/\(subfolder)")) ?? []
        return names.filter { $0.hasSuffix(".segment") }.sorted()
    }

    /// A file in the folder.
    func file(_ name: String) -> URL { URL(filePath: "\(path)/\(name)") }

    /// Moves a file into the folder.
    func take(_ file: URL) throws {
        try FileManager.default.moveItem(at: file, to: self.file(file.lastPathComponent))
    }

    /// The folder as it would be found if the process ended now.
    func crashed() throws -> JournalFixture {
        let copy = JournalFixture()
        try FileManager.default.copyItem(atPath: path, toPath: copy.path)
        return copy
    }

    /// What a start on this folder brings into the ledger.
    func replay(database: String = "database-1", replica: String = "replica-2") async throws -> [LedgerEntry] {
        let journal = try started(settings(replica: replica), database: database)
        let ledger = MemoryLedger()
        let applier = RunningApplier(journal, ledger, log: log)
        try await eventually { journal.status.pendingBytes == 0 }
        try await applier.stop()
        return ledger.entries
    }
}

/// A writer on its event loop.
struct LoopWriter: Sendable {
    let loop: any EventLoop
    private let writer: NIOLoopBound<JournalWriter>

    /// - Parameter waits: until the journal is started.
    init(_ journal: Journal, waits: Bool = true) async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        self.loop = loop
        writer = try await loop.submit { NIOLoopBound(journal.makeWriter(on: loop), eventLoop: loop) }.get()
        guard waits else { return }
        let end = ContinuousClock.now + .seconds(20)
        while try await !run({ $0.isPrepared }) {
            try #require(ContinuousClock.now < end, "no segment was prepared in time")
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    /// Runs `body` on the loop.
    @discardableResult
    func run<Value: Sendable>(
        _ body: @escaping @Sendable (JournalWriter) throws -> Value
    ) async throws -> Value {
        try await loop.submit { [writer] in try body(writer.value) }.get()
    }

    /// Waits until the journal takes an entry.
    func begin(_ entry: LedgerEntry) async throws -> JournalTicket {
        let end = ContinuousClock.now + .seconds(20)
        while true {
            do {
                return try await run { try $0.begin(entry) }
            } catch let error as GatewayError {
                guard ContinuousClock.now < end else { throw error }
                try await Task.sleep(for: .milliseconds(2))
            }
        }
    }
}

/// Waits for a condition.
func eventually(
    within limit: Duration = .seconds(20), sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: @Sendable () -> Bool
) async throws {
    let end = ContinuousClock.now + limit
    while !condition() {
        try #require(ContinuousClock.now < end, "the condition is not met in time", sourceLocation: sourceLocation)
        try await Task.sleep(for: .milliseconds(2))
    }
}
