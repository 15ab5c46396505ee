import Dispatch
import Foundation
import GRDB
import Synchronization

/// A local SQLite file, in write-ahead mode: many readers beside one writer.
public final class SQLiteDatabase: Database {
    /// How long a statement waits for another process that holds the file.
    public static let defaultBusyTimeout = Duration.seconds(5)

    private let pool: DatabasePool
    private let placeholders = SQLitePlaceholders()
    /// The file's path.
    public var location: String { path }
    private let path: String
    private let isClosed = Atomic(false)

    /// Opens the file at `path`, and creates it if there is none. The folder must exist.
    ///
    /// Blocks the thread while it opens, up to `busyTimeout` if another process holds the file.
    public static func open(
        path: String, busyTimeout: Duration = defaultBusyTimeout
    ) throws(DatabaseError) -> SQLiteDatabase {
        var configuration = Configuration()
        configuration.busyMode = .timeout(busyTimeout / .seconds(1))
        configuration.foreignKeysEnabled = true
        // LIKE tells capitals from small letters on PostgreSQL, and so here.
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA case_sensitive_like = ON") }
        do {
            let pool = try DatabasePool(path: path, configuration: configuration)
            // GRDB has just set NORMAL, with which a commit can be lost when the power fails. A revoked key must stay
            // revoked, and the journal deletes what it knows to be stored (accounting.md, Durability).
            try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
            return SQLiteDatabase(pool: pool, path: path)
        } catch {
            throw DatabaseError(error, path: path)
        }
    }

    /// What this engine does in a way of its own.
    public var dialect: SQLDialect { .sqlite }

    private init(pool: DatabasePool, path: String) {
        self.pool = pool
        self.path = path
    }

    /// Runs `body` on a snapshot; writers do not disturb it, and it does not hold them up.
    public func read<Result: Sendable>(_ body: @Sendable (any Connection) throws -> Result) async throws -> Result {
        try await translatingErrors {
            try await pool.read { try run(body, on: $0) }
        }
    }

    /// Runs `body` as the only writer; others queue, and those of other processes wait up to the busy timeout.
    @discardableResult
    public func write<Result: Sendable>(_ body: @Sendable (any Connection) throws -> Result) async throws -> Result {
        try await translatingErrors {
            try await pool.write { try run(body, on: $0) }
        }
    }

    /// Refuses new work, waits for what is running, writes the write-ahead log back into the file, and lets go of it.
    public func close() async throws {
        guard !isClosed.exchange(true, ordering: .acquiringAndReleasing) else { return }
        do {
            // GRDB's close waits for running statements and would hold one of Swift's few threads meanwhile.
            try await withCheckedThrowingContinuation { continuation in
                DispatchQueue.global().async { continuation.resume(with: Result { try self.pool.close() }) }
            }
        } catch {
            isClosed.store(false, ordering: .releasing)
            throw DatabaseError(error, path: path)
        }
    }

    private func run<Result>(
        _ body: (any Connection) throws -> Result, on connection: GRDB.Database
    ) throws -> Result {
        let connection = SQLiteConnection(connection: connection, placeholders: placeholders, path: path)
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
            throw isClosed.load(ordering: .acquiring) ? .closed : DatabaseError(error, path: path)
        }
    }
}
