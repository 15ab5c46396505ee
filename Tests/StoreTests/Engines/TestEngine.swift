import Database
import Foundation

/// The engines that the behaviour suites run over. Every suite takes its database from here, so that a new engine needs a new
/// case and nothing else.
enum TestEngine: CaseIterable, Sendable {
    case sqlite
    case postgres
    /// A server that sorts by an ICU locale.
    case postgresICU

    /// Lends an empty database that is gone afterwards.
    @discardableResult
    func withDatabase<Result>(_ body: (any Database) async throws -> Result) async throws -> Result {
        try await withOpener { open in
            let database = try open()
            let result = try await body(database)
            try await database.close()
            return result
        }
    }

    /// Lends what opens one and the same empty database, as several gateways do.
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

/// Lends the path of an empty folder that is gone afterwards.
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
