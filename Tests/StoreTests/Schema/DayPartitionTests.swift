import Database
import GatewayCore
import Store
import Testing

extension EngineSuites {
    /// Rows belong to the day of their id, with or without partitions.
    @Suite struct DayPartitionTests {
        /// 2026-11-24T00:00:00Z, in milliseconds.
        private let today: UInt64 = 1_795_478_400_000
        private let day: UInt64 = 86_400_000

        @Test(arguments: TestEngine.allCases)
        func `A row of any day is kept and found, and its day may be prepared later`(engine: TestEngine) async throws {
            try await engine.withSchema { database in
                let times = [today - 30 * day, today - 1, today, today + day - 1, today + day, today + 400 * day]
                let ids = times.map { UUIDv7.first(milliseconds: $0) }
                try await insert([ids[0], ids[5]], database)
                for _ in 0..<2 {
                    try await RequestLogPartitions.prepare(on: database, now: Int64(today) * 1000)
                }
                try await insert(Array(ids[1...4]), database)
                try await RequestLogPartitions.prepare(on: database, now: Int64(today + 399 * day) * 1000)
                let rows = try await database.read { try $0.query("SELECT id FROM request_logs ORDER BY id DESC") }
                #expect(try rows.map { row in try row.text("id") } == ids.reversed())
                if database.dialect == .postgres { try await expectPlaces(ids, database) }
            }
        }

        private func expectPlaces(_ ids: [String], _ database: any Database) async throws {
            let rows = try await database.read { connection in
                try connection.query("SELECT CAST(tableoid::regclass AS TEXT) AS place FROM request_logs ORDER BY id")
            }
            #expect(
                try rows.map { row in try row.text("place") } == [
                    "request_logs_default", "request_logs_20261123", "request_logs_20261124", "request_logs_20261124",
                    "request_logs_20261125", "request_logs_default",
                ])
        }

        @Test(arguments: TestEngine.allCases)
        func `Gateways may prepare the days at once`(engine: TestEngine) async throws {
            try await engine.withOpener { open in
                let first = try open()
                _ = try await Migrator(StoreSchema.migrations).apply(to: first, now: 1)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<5 {
                        group.addTask {
                            let database = try open()
                            try await RequestLogPartitions.prepare(on: database, now: Int64(today) * 1000)
                            try await database.close()
                        }
                    }
                    try await group.waitForAll()
                }
                try await insert([UUIDv7.first(milliseconds: today)], first)
                try await first.close()
            }
        }

        private func insert(_ ids: [String], _ database: any Database) async throws {
            try await database.write { connection in
                for id in ids {
                    try connection.execute(
                        """
                        INSERT INTO request_logs (id, request_id, received_at, replica_id, api_key_id, operation, is_stream,
                            end_reason, attempts, cost, receipt)
                        VALUES ($1, 'r', 0, 'x', 'k', 'chat', 0, 'complete', 1, 0, '{}')
                        """, [.text(id)])
                }
            }
        }
    }
}
