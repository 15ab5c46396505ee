import Dispatch
import Foundation
import GRDB
import Synchronization

/// A local SQLite file, in write-ahead mode: many readers beside one writer.
public final class SQLiteDatabase: Database {
    /// How long a statement waits for another process that holds the file.
    public static let defaultBusyTimeout = Duration.seconds(5)

    /// The file's path.
    public let location: String

    private let busyTimeout: Duration
    private let placeholders = SQLitePlaceholders()
    /// Opening blocks, and is done by one at a time.
    private let opening = DispatchQueue(label: "sqlite opening")
    private let opened = Mutex<DatabasePool?>(nil)
    /// What the one connection that writes is set to.
    private let writerDurability = Mutex(WriteOptions.Durability.full)
    private let isClosed = Atomic(false)

    /// The file is opened when it is first needed, and made if there is none; until that has worked, each transaction
    /// tries again. The folder must exist.
    public init(path: String, busyTimeout: Duration = defaultBusyTimeout) {
        location = path
        self.busyTimeout = busyTimeout
    }

    /// Opens the file at once, and blocks the thread meanwhile, up to `busyTimeout` if another process holds the file.
    public static func open(
        path: String, busyTimeout: Duration = defaultBusyTimeout
    ) throws(DatabaseError) -> SQLiteDatabase {
        let database = SQLiteDatabase(path: path, busyTimeout: busyTimeout)
        _ = try database.openedPool()
        return database
    }

    /// What this engine does in a way of its own.
    public var dialect: SQLDialect { .sqlite }

    /// A file is.
    public var isLocal: Bool { true }

    /// One gateway owns the file, so there is no other process to hear. Commands tell it by its control socket, and it
    /// polls.
    public func announcements(of announcement: Announcement) -> AsyncStream<Void> {
        AsyncStream { _ in }
    }

    /// Runs `body` on a snapshot; writers do not disturb it, and it does not hold them up. A file is never silent:
    /// there is no limit.
    public func read<Result: Sendable>(
        within limit: Duration?, _ body: @escaping @Sendable (any Connection) throws -> Result
    ) async throws -> Result {
        try await translatingErrors {
            try await pool().read { try run(body, on: $0) }
        }
    }

    /// Runs `body` as the only writer; others queue, and those of other processes wait up to the busy timeout. So every
    /// isolation is serializable.
    @discardableResult
    public func write<Result: Sendable>(
        _ options: WriteOptions, within limit: Duration?, _ body: @escaping @Sendable (any Connection) throws -> Result
    ) async throws -> Result {
        try await translatingErrors {
            try await pool().writeWithoutTransaction { connection in
                try setDurability(options.durability, of: connection)
                var result: Result?
                try connection.inTransaction {
                    result = try run(body, on: connection)
                    return .commit
                }
                guard let result else { throw DatabaseError.errorNotPassedOn }
                return result
            }
        }
    }

    /// SQLite changes it between transactions only, so each one sets what it asks for. To set it back after a relaxed
    /// one would fail just when that was cancelled.
    private func setDurability(_ durability: WriteOptions.Durability, of writer: GRDB.Database) throws {
        guard writerDurability.withLock({ $0 }) != durability else { return }
        try writer.execute(sql: "PRAGMA synchronous = \(durability == .full ? "FULL" : "NORMAL")")
        writerDurability.withLock { $0 = durability }
    }

    /// Refuses new work, waits for what is running, writes the write-ahead log back into the file, and lets go of it.
    public func close() async throws {
        guard !isClosed.exchange(true, ordering: .acquiringAndReleasing) else { return }
        guard let pool = opened.withLock(\.self) else { return }
        do {
            // GRDB's close waits for running statements and would hold one of Swift's few threads meanwhile.
            try await withCheckedThrowingContinuation { continuation in
                opening.async { continuation.resume(with: Result { try Self.close(pool) }) }
            }
        } catch {
            isClosed.store(false, ordering: .releasing)
            throw DatabaseError(error, path: location)
        }
    }

    /// The connection that closes last writes the log back, and a reader cannot: readers go first.
    private static func close(_ pool: DatabasePool) throws {
        pool.invalidateReadOnlyConnections()
        try pool.close()
    }

    private func pool() async throws -> DatabasePool {
        if let pool = opened.withLock(\.self) { return pool }
        return try await withCheckedThrowingContinuation { continuation in
            opening.async { continuation.resume(with: Result { try self.openedPool() }) }
        }
    }

    private func openedPool() throws(DatabaseError) -> DatabasePool {
        if let pool = opened.withLock(\.self) { return pool }
        let pool = try open()
        opened.withLock { $0 = pool }
        return pool
    }

    /// SQLite's busy timeout does not cover the change of a new file to its write-ahead log, so this waits by itself.
    private func open() throws(DatabaseError) -> DatabasePool {
        let deadline = ContinuousClock.now + busyTimeout
        while true {
            do throws(DatabaseError) {
                return try openOnce()
            } catch .locked where ContinuousClock.now < deadline {
                Thread.sleep(forTimeInterval: 0.02)
            } catch {
                throw error
            }
        }
    }

    private func openOnce() throws(DatabaseError) -> DatabasePool {
        var configuration = Configuration()
        configuration.busyMode = .timeout(busyTimeout / .seconds(1))
        configuration.foreignKeysEnabled = true
        // LIKE tells capitals from small letters on PostgreSQL, and so here.
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA case_sensitive_like = ON") }
        do {
            let pool = try DatabasePool(path: location, configuration: configuration)
            // GRDB has just set NORMAL, with which a commit can be lost when the power fails. A revoked key must stay
            // revoked, and the journal deletes what it knows to be stored.
            try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
            return pool
        } catch {
            throw DatabaseError(error, path: location)
        }
    }

    private func run<Result>(
        _ body: (any Connection) throws -> Result, on connection: GRDB.Database
    ) throws -> Result {
        let connection = SQLiteConnection(connection: connection, placeholders: placeholders, path: location)
        let result = try body(connection)
        try connection.checkNothingFailed()
        return result
    }

    private func translatingErrors<Result>(_ body: () async throws -> Result) async throws -> Result {
        guard !isClosed.load(ordering: .acquiring) else { throw DatabaseError.closed }
        do {
            return try await body()
        } catch DatabaseError.cancelled {
            throw CancellationError()
        } catch let error as GRDB.DatabaseError {
            // What was still queued when the database closed.
            throw isClosed.load(ordering: .acquiring) ? .closed : DatabaseError(error, path: location)
        }
    }
}
