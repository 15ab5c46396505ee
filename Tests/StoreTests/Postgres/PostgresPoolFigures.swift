import Database
import Foundation
import Testing

/// The cost of the pool, for docs/database.md: `script/proof pool`. Not part of the ordinary tests, because it asserts
/// no speed.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["SLUICE_POOL_FIGURES"] != nil), .serialized)
struct PostgresPoolFigures {
    private static let sql = "SELECT name FROM names WHERE id = $1"

    @Test(arguments: [1, 4, 16], [1, 50])
    func `Queries per second and the CPU of each`(connections: Int, queriesPerTransaction: Int) async throws {
        var options = PostgresOptions()
        options.maxConnections = connections
        try await withPostgres(options) { database in
            try await database.write { connection in
                try connection.executeScript(
                    """
                    CREATE TABLE names (id BIGINT PRIMARY KEY, name TEXT);
                    INSERT INTO names SELECT i, 'name ' || i FROM generate_series(1, 10000) AS i;
                    """)
            }
            _ = try await run(database, connections, queriesPerTransaction, for: .seconds(1))
            let cpu = cpuMicroseconds()
            let queries = try await run(database, connections, queriesPerTransaction, for: .seconds(3))
            let each = Double(cpuMicroseconds() - cpu) / Double(queries)
            print(
                "figures: \(connections) connections, \(queriesPerTransaction) queries per transaction:",
                "\(queries / 3) queries/s, \(Int(each.rounded())) µs of CPU each")
            #expect(queries > 0)
        }
    }

    private func run(
        _ database: PostgresDatabase, _ tasks: Int, _ perTransaction: Int, for time: Duration
    ) async throws -> Int {
        let end = ContinuousClock.now + time
        return try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<tasks {
                group.addTask {
                    var count = 0
                    while ContinuousClock.now < end {
                        try await database.read { connection in
                            for _ in 0..<perTransaction {
                                _ = try connection.query(Self.sql, [.int64(.random(in: 1...10000))])
                            }
                        }
                        count += perTransaction
                    }
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
    }

    /// Of this process, without the server.
    private func cpuMicroseconds() -> Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let (user, system) = (usage.ru_utime, usage.ru_stime)
        return (Int(user.tv_sec) + Int(system.tv_sec)) * 1_000_000 + Int(user.tv_usec) + Int(system.tv_usec)
    }
}
