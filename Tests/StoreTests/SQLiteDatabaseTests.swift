import Database
import Foundation
import Testing

/// The specifics of SQLite: the file, its settings and its errors.
@Suite struct SQLiteDatabaseTests {
    @Test func `Commits are on the disk, and readers are not held up`() async throws {
        try await withTemporaryFolder { folder in
            let database = try SQLiteDatabase.open(path: folder + "/a.db")
            let settings = try await database.write { connection in
                [
                    try connection.query("PRAGMA journal_mode").first?.text("journal_mode"),
                    try connection.query("PRAGMA synchronous").first.map { "\(try $0.int64("synchronous"))" },
                    try connection.query("PRAGMA foreign_keys").first.map { "\(try $0.int64("foreign_keys"))" },
                    try connection.query("PRAGMA busy_timeout").first.map { "\(try $0.int64("timeout"))" },
                ]
            }
            #expect(settings == ["wal", "2", "1", "5000"])
            try await database.close()
        }
    }

    @Test func `What was written is there after opening again`() async throws {
        try await withTemporaryFolder { folder in
            let first = try SQLiteDatabase.open(path: folder + "/a.db")
            try await first.write { try $0.executeScript("CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (7)") }
            try await first.close()
            let second = try SQLiteDatabase.open(path: folder + "/a.db")
            let rows = try await second.read { try $0.query("SELECT a FROM t") }
            #expect(try rows.map { row in try row.int64("a") } == [7])
            try await second.close()
        }
    }

    @Test func `A missing folder is named`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/absent/a.db"
            let reason = "the folder \(folder)/absent does not exist"
            #expect(throws: DatabaseError.unreachable(database: path, reason: reason)) {
                try SQLiteDatabase.open(path: path)
            }
        }
    }

    @Test func `A folder in the file's place is named`() async throws {
        try await withTemporaryFolder { folder in
            #expect(throws: DatabaseError.unreachable(database: folder, reason: "it is a folder")) {
                try SQLiteDatabase.open(path: folder)
            }
        }
    }

    @Test func `Another kind of file is left as it is`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/notes.txt"
            let text = Data(String(repeating: "These are notes, and no database.\n", count: 100).utf8)
            try text.write(to: URL(filePath: path))
            #expect(throws: DatabaseError.notADatabase(database: path)) { try SQLiteDatabase.open(path: path) }
            let after = try Data(contentsOf: URL(filePath: path))
            #expect(after == text)
        }
    }

    @Test func `A damaged file is an error of the query that meets the damage`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/a.db"
            let whole = try SQLiteDatabase.open(path: path)
            try await whole.write { connection in
                try connection.executeScript("CREATE TABLE t (a TEXT)")
                for _ in 0..<200 { try connection.execute("INSERT INTO t VALUES (hex(randomblob(500)))") }
            }
            try await whole.close()
            let file = try FileHandle(forWritingTo: URL(filePath: path))
            try file.seek(toOffset: 8192)
            try file.write(contentsOf: Data(repeating: 0xA5, count: 65536))
            try file.close()
            let damaged = try SQLiteDatabase.open(path: path)
            let error = try await databaseError { _ = try await damaged.read { try $0.query("SELECT a FROM t") } }
            #expect(error == .corrupt(database: path))
            try await damaged.close()
        }
    }

    @Test func `A file that another process holds is told after the busy timeout, and free again later`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/a.db"
            let holder = try SQLiteDatabase.open(path: path)
            let other = try SQLiteDatabase.open(path: path, busyTimeout: .milliseconds(50))
            try await holder.write { try $0.executeScript("CREATE TABLE t (a INTEGER)") }
            let (isHeld, held) = AsyncStream.makeStream(of: Void.self)
            let release = DispatchSemaphore(value: 0)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await holder.write { _ in
                        held.yield()
                        release.wait()
                    }
                }
                _ = await isHeld.first { _ in true }
                let error = try await databaseError {
                    try await other.write { try $0.execute("INSERT INTO t VALUES (1)") }
                }
                #expect(error == .locked(database: path))
                release.signal()
                try await group.waitForAll()
            }
            try await other.write { try $0.execute("INSERT INTO t VALUES (2)") }
            try await other.close()
            try await holder.close()
        }
    }

    @Test func `A script that ends its own transaction is an error, and the database goes on`() async throws {
        try await withTemporaryFolder { folder in
            let database = try SQLiteDatabase.open(path: folder + "/a.db")
            for script in ["COMMIT", "ROLLBACK", "COMMIT; BEGIN", "BEGIN"] {
                let error = try await databaseError { try await database.write { try $0.executeScript(script) } }
                #expect(script == "COMMIT; BEGIN" || error != nil, "\(script)")
            }
            try await database.write { try $0.executeScript("CREATE TABLE t (a INTEGER)") }
            try await database.close()
        }
    }

    @Test func `A full disk is told, and what was there stays readable`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/a.db"
            let database = try SQLiteDatabase.open(path: path)
            try await database.write { connection in
                try connection.executeScript("CREATE TABLE t (a TEXT); INSERT INTO t VALUES ('kept')")
                _ = try connection.query("PRAGMA max_page_count = 10")
            }
            let error = try await databaseError {
                try await database.write { connection in
                    for _ in 0..<1000 { try connection.execute("INSERT INTO t VALUES (hex(randomblob(500)))") }
                }
            }
            #expect(error == .full(database: path))
            let rows = try await database.read { try $0.query("SELECT a FROM t") }
            #expect(try rows.map { row in try row.text("a") } == ["kept"])
            try await database.close()
        }
    }

    /// In a separate process, because it may have to drop root, for which no folder is read-only.
    @Test func `A read-only folder and a read-only file are told`() async {
        await #expect(processExitsWith: .success) {
            try await withTemporaryFolder { folder in
                let path = folder + "/a.db"
                let database = try SQLiteDatabase.open(path: path)
                try await database.write { try $0.executeScript("CREATE TABLE t (a INTEGER)") }
                try await database.close()
                chmod(path, 0o444)
                chmod(folder, 0o555)
                if geteuid() == 0 { #expect(seteuid(65534) == 0) }
                defer {
                    if getuid() == 0 { seteuid(0) }
                    chmod(folder, 0o755)
                }
                #expect(throws: DatabaseError.readOnly(database: path)) { try SQLiteDatabase.open(path: path) }
                let new = folder + "/new.db"
                let reason = "it cannot be created in \(folder)"
                #expect(throws: DatabaseError.unreachable(database: new, reason: reason)) {
                    try SQLiteDatabase.open(path: new)
                }
            }
        }
    }
}
