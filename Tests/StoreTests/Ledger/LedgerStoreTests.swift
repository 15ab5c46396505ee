import Database
import GatewayCore
import Store
import Testing

extension EngineSuites {
    /// What the ledger keeps of what it is given, on every engine.
    @Suite struct LedgerStoreTests {
        private static let columns = ["request_id", "attempt", "usage_source", "cost", "end_reason", "pricing_status"]

        private func rows(_ database: any Database) async throws -> [[String]] {
            try await database.texts("SELECT * FROM ledger ORDER BY request_id, attempt", Self.columns)
        }

        private func history(_ database: any Database) async throws -> [[String]] {
            try await database.texts(
                "SELECT * FROM ledger_history ORDER BY settled_at", ["request_id", "usage_source", "cost"])
        }

        @Test(arguments: TestEngine.allCases)
        func `A row has every fact of its entry`(engine: TestEngine) async throws {
            let classes = TokenClasses(
                inputUncached: 1, inputCacheRead: 2, inputCacheWrite: 3, inputAudio: 4, outputText: 5,
                outputReasoning: 6, outputAudio: 7)
            var entry = makeEntry(session: "s1", classes: classes)
            entry.client = ClientFacts(session: "s1", agent: "a1", client: "c1")
            let expected = [
                "request_id": "r1", "attempt": "1", "replica_id": "x", "api_key_id": "k1", "user_id": "u1",
                "team_id": "t1", "service_account_id": "nil", "operation": "chat", "requested_model": "m1",
                "resolved_model": "m1", "provider_id": "p1", "route_id": "m1/1", "upstream_model": "up",
                "session": "s1", "agent": "a1", "client": "c1", "input_uncached": "1", "input_cache_read": "2",
                "input_cache_write": "3", "input_audio": "4", "output_text": "5", "output_reasoning": "6",
                "output_audio": "7", "pricing_status": "priced", "unpriced_reason": "nil", "pricing_id": "price",
                "rates": "{}", "provenance": "test", "hold": "900", "cost": "700", "end_reason": "complete",
                "usage_source": "provider_final", "admitted_at": "1700000000000000",
                "started_at": "1700000000000000", "ended_at": "1700000001000000",
            ]
            try await engine.withStore { store, database in
                try await store.ledger.apply([entry])
                let columns = expected.keys.sorted()
                let found = try await database.texts("SELECT * FROM ledger", columns)
                #expect(found == [columns.map { expected[$0] ?? "" }])
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `The same entry a hundred times is one row`(engine: TestEngine) async throws {
            let tags = [RequestTags.Tag(key: "service", value: "web")]
            let entry = makeEntry(session: "s1", tags: tags)
            try await engine.withStore { store, database in
                try await store.ledger.apply(Array(repeating: entry, count: 50))
                for _ in 0..<50 { try await store.ledger.apply([entry]) }
                let found = try await rows(database)
                #expect(found == [["r1", "1", "provider_final", "700", "complete", "priced"]])
                let tags = try await database.texts("SELECT * FROM ledger_tags", ["request_id", "key", "value"])
                #expect(tags == [["r1", "service", "web"]])
                #expect(try await history(database).isEmpty)
                #expect(try await database.wrongSums() == [])
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A better figure replaces a worse one, which goes into the history`(engine: TestEngine) async throws {
            try await engine.withStore { store, database in
                try await store.ledger.apply([makeCrashedEntry()])
                try await store.ledger.apply([
                    makeEntry(cost: 500, endReason: .clientCancelled, source: .estimated, endedAt: 5)
                ])
                try await store.ledger.apply([makeEntry()])
                try await store.ledger.apply([makeCrashedEntry()])
                let found = try await rows(database)
                #expect(found == [["r1", "1", "provider_final", "700", "complete", "priced"]])
                let old = try await history(database)
                #expect(old == [["r1", "held_maximum", "900"], ["r1", "estimated", "500"]])
                let figures = try await database.texts(
                    "SELECT figures FROM ledger_history WHERE usage_source = 'estimated'", ["figures"])
                let text = try #require(figures.first?.first)
                #expect(text.contains(#""input_uncached":100"#) && text.contains(#""end_reason":"client_cancelled""#))
                #expect(try await database.wrongSums() == [])
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `What the provider did not bill replaces the assumption of the worst, and nothing better`(
            engine: TestEngine
        ) async throws {
            let refused = makeEntry(
                classes: TokenClasses(), pricing: .notBilled, cost: 0, endReason: .upstreamError, source: nil)
            try await engine.withStore { store, database in
                try await store.ledger.apply([makeCrashedEntry()])
                try await store.ledger.apply([refused])
                try await store.ledger.apply([makeCrashedEntry()])
                #expect(try await rows(database) == [["r1", "1", "nil", "0", "upstream_error", "not_billed"]])
                try await store.ledger.apply([makeEntry(cost: 3, source: .estimated)])
                try await store.ledger.apply([refused])
                #expect(try await rows(database) == [["r1", "1", "estimated", "3", "complete", "priced"]])
                #expect(try await history(database).map { $0[1] } == ["held_maximum", "not_billed"])
                #expect(try await database.wrongSums() == [])
            }
        }

        /// Every order of five figures of one attempt, each in a call of its own or several together.
        @Test(arguments: TestEngine.allCases)
        func `The order of arrival does not matter`(engine: TestEngine) async throws {
            var random = SeededGenerator(seed: 13)
            try await engine.withStore { store, database in
                for round in 0..<24 {
                    let id = "r\(round)"
                    let timedOut = makeEntry(id, cost: 900, endReason: .timeout, source: .heldMaximum, endedAt: 7)
                    var figures = [
                        makeCrashedEntry(id), timedOut,
                        makeEntry(id, cost: 0, endReason: .upstreamError, source: nil),
                        makeEntry(id, cost: 500, source: .estimated),
                        makeEntry(id, cost: 600, source: .providerPartial),
                        makeEntry(id, cost: 700, source: .providerFinal),
                    ]
                    figures.removeLast(round % figures.count)
                    let best = try #require(figures.last)
                    var rest = figures.shuffled(using: &random)
                    while !rest.isEmpty {
                        let count = Int.random(in: 1...rest.count, using: &random)
                        try await store.ledger.apply(Array(rest.prefix(count)))
                        rest.removeFirst(count)
                    }
                    let found = try await rows(database).first { $0[0] == id }
                    let source = best.usageSource?.rawValue ?? "nil"
                    #expect(
                        found?[1...4] == ["1", source, "\(best.cost.nanodollars)", best.endReason.rawValue])
                }
                #expect(try await database.wrongSums() == [])
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A large batch with known, better and new entries`(engine: TestEngine) async throws {
            try await engine.withStore { store, database in
                let first = (0..<200).map { makeCrashedEntry("r\($0)") }
                try await store.ledger.apply(first)
                // 0–99 again, 100–199 better, 200–299 new, and a second attempt of each.
                let second =
                    first.prefix(100) + (100..<300).map { makeEntry("r\($0)") }
                    + (0..<300).map { makeEntry("r\($0)", attempt: 2, cost: 1) }
                try await store.ledger.apply(second.reversed())
                let sums = try await database.texts(
                    """
                    SELECT usage_source, COUNT(*) AS number, CAST(SUM(cost) AS BIGINT) AS cost FROM ledger
                    GROUP BY usage_source, attempt ORDER BY usage_source, attempt
                    """, ["usage_source", "number", "cost"])
                #expect(
                    sums == [
                        ["held_maximum", "100", "90000"], ["provider_final", "200", "140000"],
                        ["provider_final", "300", "300"],
                    ])
                #expect(try await history(database).count == 100)
                #expect(try await database.wrongSums() == [])
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `Several gateways write the same entries at once`(engine: TestEngine) async throws {
            try await engine.withOpener { open in
                let database = try open()
                _ = try await Migrator(StoreSchema.migrations).apply(to: database, now: 1)
                let entries = (0..<150).flatMap { [makeCrashedEntry("r\($0)"), makeEntry("r\($0)")] }
                let clock = StepClock()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<4 {
                        let other = try open()
                        group.addTask {
                            var random = SeededGenerator(seed: UInt64(number))
                            let store = GatewayStore(other) { clock.now() }
                            let shuffled = entries.shuffled(using: &random)
                            for start in stride(from: 0, to: shuffled.count, by: 30) {
                                try await store.ledger.apply(Array(shuffled[start..<min(start + 30, shuffled.count)]))
                            }
                            try await other.close()
                        }
                    }
                    try await group.waitForAll()
                }
                let rows = try await rows(database)
                #expect(rows.count == 150)
                #expect(Set(rows.map { $0[2] }) == ["provider_final"])
                #expect(try await database.wrongSums() == [])
                try await database.close()
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `Absurd figures are brought within bounds and hold up no other entry`(engine: TestEngine) async throws {
            let classes = TokenClasses(inputUncached: .max, inputCacheRead: -5, outputText: .max)
            let absurd = [
                makeEntry("a", model: "zero\0model", classes: classes, hold: .max, cost: .max),
                makeEntry("b", pricing: .unpriced(reason: "no_price"), cost: 5),
                makeEntry("c", hold: -1, cost: -1),
            ]
            try await engine.withStore { store, database in
                for copy in 0..<40 {
                    try await store.ledger.apply(
                        absurd.map { entry in
                            LedgerEntry(
                                id: LedgerEntry.ID(requestID: "\(entry.id.requestID)\(copy)", attempt: 1),
                                copying: entry)
                        } + [makeEntry("d\(copy)")])
                }
                let columns = ["request_id", "pricing_status", "unpriced_reason", "hold", "cost", "input_uncached"]
                let rows = try await database.texts("SELECT * FROM ledger ORDER BY request_id", columns)
                #expect(rows.count == 160)
                #expect(rows.first == ["a0", "unpriced", "cost_too_large", "1000000000000000", "0", "1000000000000"])
                #expect(rows.first { $0[0] == "b0" }?[1...4] == ["unpriced", "no_price", "900", "0"])
                #expect(rows.first { $0[0] == "c0" }?[1...4] == ["priced", "nil", "0", "0"])
                #expect(try await database.wrongSums() == [])
            }
        }
    }
}
