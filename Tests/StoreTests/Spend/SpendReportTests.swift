import Database
import GatewayCore
import Operations
import Store
import Testing

extension EngineSuites {
    /// Whole reports: every grouping adds up to the ledger, also by the days of zones whose clocks change in the range.
    @Suite struct SpendReportTests {
        private static let hour: Int64 = 3_600_000_000
        /// The changes of New York (8 March), Berlin (29 March) and Lord Howe (5 April, by half an hour).
        private static let zones = [
            "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu",
        ]
        private static let groupings: [SpendReportRequest.Grouping] = [
            .owner, .user, .team, .key, .model, .provider, .session, .day, .tag("service"), .tag("env"), .tag("absent"),
        ]

        private func withHistory(
            _ engine: TestEngine, count: Int = 900, hours: Int = 24 * 45,
            _ body: (SpendService, SpendSums, any Database) async throws -> Void
        ) async throws {
            var history = SpendHistory(seed: 7)
            let entries = history.entries(count, hours: 0..<hours)
            try await engine.withStore { store, database in
                for start in stride(from: 0, to: entries.count, by: 300) {
                    try await store.ledger.apply(Array(entries[start..<min(start + 300, entries.count)]))
                }
                try await body(SpendService(store), SpendSums(entries: entries), database)
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `The rows of every grouping add up to the ledger, in every zone and range`(engine: TestEngine) async throws
        {
            try await withHistory(engine) { spend, sums, _ in
                let month = SpendHistory.start + 1_234_567..<SpendHistory.start + 44 * 24 * Self.hour + 7
                let week = SpendHistory.start + 27 * 24 * Self.hour..<SpendHistory.start + 36 * 24 * Self.hour
                for range in [month, week] {
                    let expected = sums.total { range.contains($0.admittedAt) }
                    for name in Self.zones {
                        let zone = try #require(CalendarZone(name))
                        for grouping in Self.groupings {
                            let request = SpendReportRequest(by: grouping, SpendScope(range), zone: zone, limit: 5)
                            let report = try await spend.report(request)
                            #expect(report.total == expected, "\(grouping) \(name)")
                            let sum = report.rows.map(\.figures).reduce(SpendFigures(), +)
                            #expect(sum == expected, "\(grouping) \(name)")
                            #expect(report.unpricedReasons?.values.reduce(0, +) == expected.unpricedAttempts)
                        }
                    }
                }
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A day is one of the zone, also when its clocks change`(engine: TestEngine) async throws {
            try await withHistory(engine) { spend, sums, _ in
                let range = SpendHistory.start..<SpendHistory.start + 45 * 24 * Self.hour
                for name in Self.zones {
                    let zone = try #require(CalendarZone(name))
                    let report = try await spend.report(SpendReportRequest(by: .day, SpendScope(range), zone: zone))
                    let expected = sums.groups { zone.day(of: $0.admittedAt).name }
                    let found = Dictionary(uniqueKeysWithValues: report.rows.map { ($0.value, $0.figures) })
                    #expect(found.filter { $0.value.attempts > 0 } == expected, "\(name)")
                    #expect(report.rows.map(\.value) == report.rows.map(\.value).sorted())
                }
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A session with one model only, by day and by key`(engine: TestEngine) async throws {
            try await withHistory(engine, hours: 48) { spend, sums, _ in
                let session = try #require(sums.entries.compactMap(\.client.session).first)
                let model = try #require(sums.entries.first { $0.client.session == session }?.resolvedModel)
                let range = SpendHistory.start..<SpendHistory.start + 48 * Self.hour
                let expected = sums.total { $0.client.session == session && $0.resolvedModel == model }
                #expect(expected.attempts > 0)
                for grouping in [SpendReportRequest.Grouping.day, .key] {
                    let scope = SpendScope(range, model: model, label: .session(session))
                    let report = try await spend.report(SpendReportRequest(by: grouping, scope))
                    #expect(report.total == expected)
                    #expect(report.rows.map(\.figures).reduce(SpendFigures(), +) == expected)
                }
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `What a limit leaves out is one row, and what has no tag is another`(engine: TestEngine) async throws {
            try await withHistory(engine, hours: 48) { spend, sums, _ in
                let scope = SpendScope(SpendHistory.start..<SpendHistory.start + 48 * Self.hour)
                let report = try await spend.report(SpendReportRequest(by: .tag("service"), scope, limit: 3))
                let groups = sums.groups { entry in entry.tags.first { $0.key == "service" }?.value }
                #expect(report.rows.map(\.kind) == [.group, .group, .group, .rest(groups: groups.count - 3), .none])
                let best = groups.sorted { $0.value.cost > $1.value.cost }.prefix(3)
                #expect(report.rows.prefix(3).map(\.value) == best.map(\.key))
                #expect(report.rows.prefix(3).map(\.figures) == best.map(\.value))
                let untagged = sums.total { entry in !entry.tags.contains { $0.key == "service" } }
                #expect(report.rows.last?.figures == untagged)
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `Owners and keys have the names of today, and their ids when they are gone`(engine: TestEngine)
            async throws
        {
            try await engine.withStore { store, database in
                let key = try await store.keys.create(
                    name: "ci", owner: .user("ann@example.com"), grant: .all, expiresAt: nil, token: makeToken("kci"),
                    actor: AuditActor(kind: .command, name: "test"))
                let entries = [
                    makeEntry("r1", user: "u1", team: "t1"), makeEntry("r2", user: nil, team: "t1", cost: 5),
                    makeEntry("r3", user: "u9", team: nil, cost: 3),
                ].map { entry in
                    var entry = entry
                    if entry.id.requestID == "r1" {
                        entry.caller = Caller(keyID: key.id, keyPublicID: key.publicID, userID: "u1", teamID: "t1")
                    }
                    return entry
                }
                try await store.ledger.apply(entries)
                let scope = SpendScope(0..<Int64.max / 2)
                func names(_ grouping: SpendReportRequest.Grouping) async throws -> [[String]] {
                    try await SpendService(store).report(SpendReportRequest(by: grouping, scope)).rows.map {
                        [$0.value, $0.name]
                    }
                }
                let owners = try await names(.owner)
                #expect(
                    owners == [
                        ["user:u1", "user:ann@example.com"], ["team:t1", "team:core"], ["user:u9", "user:u9"],
                    ])
                let users = try await names(.user)
                #expect(users == [["u1", "ann@example.com"], ["", ""], ["u9", "u9"]])
                let teams = try await names(.team)
                #expect(teams == [["t1", "core"], ["", ""]])
                let keys = try await names(.key)
                #expect(keys == [[key.id, "ci (\(key.publicID))"], ["k1", "k1"]])
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `What people name is found, and an unknown name is an error`(engine: TestEngine) async throws {
            try await engine.withStore { store, _ in
                try await store.ledger.apply([makeEntry(user: "u9", team: nil)])
                let spend = SpendService(store)
                let found = try await spend.ids(user: "Ann@example.com", team: "core", key: "k1")
                #expect(found.user == "u1" && found.team == "t1" && found.key == "k1")
                let gone = try await spend.ids(user: "u9", team: nil, key: nil)
                #expect(gone.user == "u9")
                let error = await #expect(throws: SpendReportError.self) {
                    try await spend.ids(user: "eve@example.com", team: nil, key: nil)
                }
                #expect(error?.message == "There is no user eve@example.com, and the ledger has none with that id.")
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A report that cannot be made says why`(engine: TestEngine) async throws {
            try await engine.withStore { store, _ in
                let spend = SpendService(store)
                let scope = SpendScope(0..<10, label: .tag("env", "prod"))
                await #expect(throws: SpendReportError.twoLabels) {
                    try await spend.report(SpendReportRequest(by: .session, scope))
                }
                await #expect(throws: SpendReportError.limit(max: SpendService.maxLimit)) {
                    try await spend.report(SpendReportRequest(by: .model, scope, limit: 0))
                }
                await #expect(throws: SpendReportError.tooManyDays(max: SpendService.maxDays)) {
                    try await spend.report(SpendReportRequest(by: .day, SpendScope(0..<Int64.max / 2)))
                }
            }
        }

        /// However long the ledger is, a report reads the stored hours by their key, and the ledger only at the ends.
        @Test(arguments: TestEngine.allCases)
        func `A report reads no whole table of the ledger`(engine: TestEngine) async throws {
            try await withHistory(engine, count: 3000) { _, _, database in
                if database.dialect == .postgres {
                    try await database.write { connection in
                        for table in ["ledger", "ledger_hours", "ledger_tags"] {
                            try connection.execute("ANALYZE \(table)")
                        }
                    }
                }
                let explaining = ExplainingDatabase(database)
                let spend = SpendService(GatewayStore(explaining) { 0 })
                let range = SpendHistory.start + 5 * 24 * Self.hour + 1..<SpendHistory.start + 6 * 24 * Self.hour + 2
                for grouping in Self.groupings {
                    let zone = try #require(CalendarZone("Asia/Kathmandu"))
                    _ = try await spend.report(SpendReportRequest(by: grouping, SpendScope(range), zone: zone))
                }
                let plans = explaining.plans
                #expect(plans.count > 10)
                for (query, plan) in plans where query.contains("ledger") {
                    let isBad = plan.contains { line in
                        line.contains("Seq Scan on ledger") || line.wholeMatch(of: /SCAN (l|t|ledger\w*)( .*)?/) != nil
                            // All rows that have the tag, however old. PostgreSQL knows how many there are.
                            || database.dialect == .sqlite && line.contains("ledger_tags_key_value_idx")
                    }
                    #expect(!isBad, "\(query)\n\(plan.joined(separator: "\n"))")
                }
            }
        }
    }
}
