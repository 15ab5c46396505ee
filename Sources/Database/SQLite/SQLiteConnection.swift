import Foundation
import GRDB

/// A `Connection` over one of GRDB's, which serialises its use and runs it on its own dispatch queue.
struct SQLiteConnection: Connection {
    let connection: GRDB.Database
    let placeholders: SQLitePlaceholders
    /// The file's path, for errors.
    let path: String
    private let failure = FailureMark()

    init(connection: GRDB.Database, placeholders: SQLitePlaceholders, path: String) {
        self.connection = connection
        self.placeholders = placeholders
        self.path = path
    }

    var dialect: SQLDialect { .sqlite }

    @discardableResult
    func execute(_ sql: String, _ arguments: [SQLValue]) throws(DatabaseError) -> Int {
        try translatingErrors {
            let statement = try connection.cachedStatement(sql: placeholders.rewrite(sql))
            try statement.execute(arguments: try Self.bindings(arguments))
            return connection.changesCount
        }
    }

    func query(_ sql: String, _ arguments: [SQLValue]) throws(DatabaseError) -> [Row] {
        try translatingErrors {
            let statement = try connection.cachedStatement(sql: placeholders.rewrite(sql))
            let columns = statement.columnNames
            let cursor = try GRDB.Row.fetchCursor(statement, arguments: try Self.bindings(arguments))
            var rows: [Row] = []
            while let row = try cursor.next() {
                rows.append(Row(columns: columns, cells: row.databaseValues.map { Row.Cell($0) }))
            }
            return rows
        }
    }

    func executeScript(_ sql: String) throws(DatabaseError) {
        try translatingErrors { try connection.execute(sql: sql) }
    }

    private func translatingErrors<Result>(_ body: () throws -> Result) throws(DatabaseError) -> Result {
        do {
            return try body()
        } catch is CancellationError {
            throw .cancelled
        } catch {
            failure.isSet = true
            throw DatabaseError(error, path: path)
        }
    }

    /// Throws if a statement has failed. SQLite would go on after it, which PostgreSQL does not.
    func checkNothingFailed() throws(DatabaseError) {
        if failure.isSet { throw .errorNotPassedOn }
    }

    private static func bindings(_ arguments: [SQLValue]) throws(DatabaseError) -> StatementArguments {
        guard !arguments.contains(where: \.hasZeroInText) else { throw .zeroInText }
        // Of one type, not existentials: a batch of the ledger has thousands.
        return StatementArguments(
            arguments.map { argument -> DatabaseValue in
                switch argument {
                case .int64(let value): value?.databaseValue ?? .null
                case .double(let value): value?.databaseValue ?? .null
                case .text(let value): value?.databaseValue ?? .null
                case .blob(let value): value.map { Data($0).databaseValue } ?? .null
                }
            })
    }
}

/// Whether a statement of one transaction has failed.
private final class FailureMark {
    var isSet = false
}

extension Row.Cell {
    fileprivate init(_ value: DatabaseValue) {
        switch value.storage {
        case .null: self = .null
        case .int64(let number): self = .int64(number)
        case .double(let number): self = .double(number)
        case .string(let text): self = .text(text)
        case .blob(let data): self = .blob(Array(data))
        }
    }
}
