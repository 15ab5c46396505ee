import Database
import Dispatch
import Testing

extension EngineSuites {
    /// Isolation and durability of a write, on every engine.
    @Suite(.timeLimit(.minutes(2))) struct WriteOptionsTests {
        @Test(arguments: TestEngine.allCases, [WriteOptions.Isolation.serializable, .readCommitted])
        func `Only a serializable transaction runs again after it has waited for a row`(
            engine: TestEngine, isolation: WriteOptions.Isolation
        ) async throws {
            try await engine.withCounter { database in
                let hasSnapshot = DispatchSemaphore(value: 0)
                let isLocked = DispatchSemaphore(value: 0)
                let attempts = Counter()
                let options = WriteOptions(isolation: isolation)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        try await database.write(options) { connection in
                            try increment(connection)
                            isLocked.signal()
                            // SQLite lets the other one in only when this one is over.
                            if connection.dialect == .postgres { hasSnapshot.wait() }
                        }
                    }
                    group.addTask {
                        try await database.write(options) { connection in
                            _ = try connection.query("SELECT 1 AS one FROM counter")
                            if attempts.next() == 1 {
                                hasSnapshot.signal()
                                isLocked.wait()
                            }
                            try increment(connection)
                        }
                    }
                    try await group.waitForAll()
                }
                let isRepeated = isolation == .serializable && database.dialect == .postgres
                #expect(attempts.value == (isRepeated ? 2 : 1))
                #expect(try await count(database) == 2)
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `Transactions that lock their row first lose no update and never run again`(
            engine: TestEngine
        ) async throws {
            try await engine.withCounter { database in
                let attempts = Counter()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<100 {
                        group.addTask {
                            try await database.write(WriteOptions(isolation: .readCommitted, durability: .relaxed)) {
                                attempts.next()
                                try increment($0)
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(try await count(database) == 100)
                #expect(attempts.value == 100)
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A relaxed transaction does not wait for the disk, and the next one does`(
            engine: TestEngine
        ) async throws {
            try await engine.withCounter { database in
                for isolation in [WriteOptions.Isolation.serializable, .readCommitted] {
                    var found: [Bool] = []
                    for durability in [WriteOptions.Durability.relaxed, .relaxed, .full] {
                        let options = WriteOptions(isolation: isolation, durability: durability)
                        found.append(try await isDurable(options, on: database))
                    }
                    #expect(found == [false, false, true])
                }
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A relaxed transaction that fails or is cancelled leaves the next one durable`(
            engine: TestEngine
        ) async throws {
            struct Own: Error {}
            try await engine.withCounter { database in
                let relaxed = WriteOptions(durability: .relaxed)
                await #expect(throws: Own.self) {
                    try await database.write(relaxed) { _ in throw Own() }
                }
                let afterFailure = try await isDurable(.standard, on: database)
                #expect(afterFailure)
                let hasBegun = DispatchSemaphore(value: 0)
                let isCancelled = DispatchSemaphore(value: 0)
                let task = Task {  // reason: it is cancelled while it is inside the transaction
                    try await database.write(relaxed) { connection in
                        hasBegun.signal()
                        isCancelled.wait()
                        try increment(connection)
                    }
                }
                await wait(for: hasBegun)
                task.cancel()
                isCancelled.signal()
                await #expect(throws: CancellationError.self) { try await task.value }
                #expect(try await isDurable(.standard, on: database))
                #expect(try await count(database) == 0)
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A relaxed transaction is stored as a whole or not at all`(engine: TestEngine) async throws {
            struct Own: Error {}
            try await engine.withCounter { database in
                let relaxed = WriteOptions(durability: .relaxed)
                await #expect(throws: Own.self) {
                    try await database.write(relaxed) { connection in
                        try increment(connection)
                        throw Own()
                    }
                }
                #expect(try await count(database) == 0)
                try await database.write(relaxed) { try increment($0) }
                #expect(try await count(database) == 1)
            }
        }
    }
}

extension TestEngine {
    /// Provides a database with one row in the table `counter`, whose `n` is 0.
    fileprivate func withCounter(_ body: (any Database) async throws -> Void) async throws {
        try await withDatabase { database in
            try await database.write { connection in
                let script = "CREATE TABLE counter (n {{bigint}} NOT NULL) {{strict}}; INSERT INTO counter VALUES (0)"
                try connection.executeScript(connection.dialect.render(script))
            }
            try await body(database)
        }
    }
}

/// Reads the row, locked, and writes what was read and one more.
private func increment(_ connection: any Connection) throws {
    let n = try connection.query("SELECT n FROM counter \(connection.dialect.forUpdate)")[0].int64("n")
    try connection.execute("UPDATE counter SET n = $1", [.int64(n + 1)])
}

private func count(_ database: any Database) async throws -> Int64 {
    try await database.read { try $0.query("SELECT n FROM counter")[0].int64("n") }
}

/// Whether the engine waits for the disk at the commit of such a transaction.
private func isDurable(_ options: WriteOptions, on database: any Database) async throws -> Bool {
    try await database.write(options) { connection in
        switch connection.dialect {
        case .sqlite: try connection.query("PRAGMA synchronous")[0].int64("synchronous") == 2
        case .postgres:
            try connection.query("SELECT current_setting('synchronous_commit') AS word")[0].text("word") == "on"
        }
    }
}

private func wait(for semaphore: DispatchSemaphore) async {
    await withCheckedContinuation { continuation in
        DispatchQueue.global().async {
            semaphore.wait()
            continuation.resume()
        }
    }
}
