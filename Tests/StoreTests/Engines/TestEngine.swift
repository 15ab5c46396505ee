import Database
import Foundation

/// The engines that the behaviour suites run over. Every suite gets its database here, so that a new engine needs only
/// a new case.
enum TestEngine: CaseIterable, Sendable {
    case sqlite
    case postgres
    /// A server that sorts by an ICU locale.
    case postgresICU

    /// Runs `body` with an empty database, which is deleted afterwards.
    @discardableResult
    func withDatabase<Result>(_ body: (any Database) async throws -> Result) async throws -> Result {
        try await withOpener { open in
            let database = try open()
            let result = try await body(database)
            try await database.close()
            return result
        }
    }

    /// Runs `body` with a function that opens the same empty database each time, as several gateways do.
    @discardableResult
    func withOpener<Result>(
        _ body: (@escaping @Sendable () throws -> any Database) async throws -> Result
    ) async throws -> Result {
        EngineCases.count(self)
        switch self {
        case .sqlite:
            return try await withTemporaryFolder { folder in
                try await body { try SQLiteDatabase.open(path: folder + "/test.db", busyTimeout: .seconds(30)) }
            }
        case .postgres, .postgresICU:
            let url = try await SharedServers.shared.emptyDatabase(icu: self == .postgresICU)
            var options = PostgresOptions()
            options.maxConnections = 4
            return try await body { [options] in try PostgresDatabase(url: url, options: options) }
        }
    }
}

/// Runs `body` with the path of an empty folder, which is deleted afterwards.
@discardableResult
func withTemporaryFolder<Result>(_ body: (String) async throws -> Result) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder.path)
}

/// The `DatabaseError` that `body` throws, or nil if it throws none.
func databaseError<Result>(_ body: () async throws -> Result) async throws -> DatabaseError? {
    do {
        _ = try await body()
        return nil
    } catch let error as DatabaseError {
        return error
    }
}
