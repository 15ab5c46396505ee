import Dispatch
import Foundation
import GRDB

/// A local SQLite file, in write-ahead mode: many readers beside one writer.
public struct SQLiteDatabase: Database {
    /// How long a statement waits for another process that holds the file.
    public static let defaultBusyTimeout = Duration.seconds(5)

    private let pool: DatabasePool
    private let placeholders = SQLitePlaceholders()
    private let path: String

    /// Opens the file at `path`, and creates it if there is none. The folder must exist.
    ///
    /// Blocks the thread while it opens, up to `busyTimeout` if another process holds the file.
    public static func open(
        path: String, busyTimeout: Duration = defaultBusyTimeout
    ) throws(DatabaseError) -> SQLiteDatabase {
        var configuration = Configuration()
        configuration.busyMode = .timeout(busyTimeout / .seconds(1))
        configuration.foreignKeysEnabled = true
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

    private init(pool: DatabasePool, path: String) {
        self.pool = pool
        self.path = path
    }

    public func read<Result: Sendable>(_ body: @Sendable (any Connection) throws -> Result) async throws -> Result {
        try await translatingErrors {
            try await pool.read { try body(SQLiteConnection(connection: $0, placeholders: placeholders, path: path)) }
        }
    }

    public func write<Result: Sendable>(_ body: @Sendable (any Connection) throws -> Result) async throws -> Result {
        try await translatingErrors {
            try await pool.write { try body(SQLiteConnection(connection: $0, placeholders: placeholders, path: path)) }
        }
    }

    public func close() async throws {
        try await translatingErrors {
            // GRDB's close waits for running statements and would hold one of Swift's few threads meanwhile.
            try await withCheckedThrowingContinuation { continuation in
                DispatchQueue.global().async { continuation.resume(with: Result { try pool.close() }) }
            }
        }
    }

    private func translatingErrors<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch DatabaseError.cancelled {
            throw CancellationError()
        } catch let error as GRDB.DatabaseError {
            throw DatabaseError(error, path: path)
        }
    }
}
