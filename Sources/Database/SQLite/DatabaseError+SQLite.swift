import Foundation
import GRDB

extension DatabaseError {
    /// What a GRDB error means. Its own description is never used: it contains the SQL.
    init(_ error: any Error, path: String) {
        guard let error = error as? GRDB.DatabaseError else {
            self = (error as? DatabaseError) ?? .failed(code: "0", detail: String(describing: type(of: error)))
            return
        }
        let text = error.message ?? ""
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED: self = .locked(database: path)
        case .SQLITE_READONLY, .SQLITE_PERM: self = .readOnly(database: path)
        case .SQLITE_FULL: self = .full(database: path)
        case .SQLITE_NOTADB: self = .notADatabase(database: path)
        case .SQLITE_CORRUPT: self = .corrupt(database: path)
        case .SQLITE_CANTOPEN: self = .unreachable(database: path, reason: Self.whyNotOpened(path))
        case .SQLITE_TOOBIG, .SQLITE_MISMATCH:
            self = .valueRefused(code: "\(error.extendedResultCode.rawValue)", detail: text)
        case .SQLITE_CONSTRAINT:
            self = .constraint(name: Self.constraintName(error.extendedResultCode, message: text))
        default: self = .failed(code: "\(error.extendedResultCode.rawValue)", detail: text)
        }
    }

    private static func whyNotOpened(_ path: String) -> String {
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) {
            return isFolder.boolValue ? "it is a folder" : "the gateway's user may not read and write it"
        }
        let folder = URL(filePath: path).deletingLastPathComponent().path
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder) else {
            return "the folder \(folder) does not exist"
        }
        return isFolder.boolValue ? "it cannot be created in \(folder)" : "\(folder) is not a folder"
    }

    /// SQLite names the columns (`UNIQUE constraint failed: api_keys.public_id`), PostgreSQL the constraint; this gives
    /// PostgreSQL's name for both. SQLite has no other place for the columns than its message, which begins with fixed
    /// words and contains names of the schema only, never a value.
    private static func constraintName(_ code: ResultCode, message: String) -> String? {
        guard let colon = message.firstRange(of: "constraint failed: ") else { return nil }
        let subject = message[colon.upperBound...]
        let names = subject.split(separator: ", ").map { $0.split(separator: ".", maxSplits: 1) }
        guard let table = names.first?.first else { return nil }
        let columns = names.compactMap { $0.count == 2 ? String($0[1]) : nil }.joined(separator: "_")
        switch code {
        case .SQLITE_CONSTRAINT_UNIQUE: return "\(table)_\(columns)_key"
        case .SQLITE_CONSTRAINT_PRIMARYKEY: return "\(table)_pkey"
        case .SQLITE_CONSTRAINT_NOTNULL: return "\(table)_\(columns)_not_null"
        case .SQLITE_CONSTRAINT_CHECK: return String(subject)
        default: return nil
        }
    }
}
