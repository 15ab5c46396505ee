import Database
import GatewayCore
import Store
import Testing

extension EngineSuites {
    /// The figures of reports are those of the ledger's rows, added up one by one, on every engine.
    @Suite struct SpendQueryTests {
        private static let hour: Int64 = 3_600_000_000

        private static let dimensions: [(SpendDimension, SpendScope.Label?, @Sendable (LedgerEntry) -> String?)] = [
            (.owner, nil, { $0.caller.userID.map { "user:\($0)" } ?? "team:\($0.caller.teamID ?? "")" }),
            (.user, nil, { $0.caller.userID ?? "" }), (.team, nil, { $0.caller.teamID ?? "" }),
            (.key, nil, { $0.caller.keyID }), (.model, nil, { $0.resolvedModel }), (.provider, nil, { $0.provider }),
            (.label, .tag("service"), { entry in entry.tags.first { $0.key == "service" }?.value }),
            (
                .label, .tag("env", "prod"),
                { entry in entry.tags.first { $0.key == "env" && $0.value == "prod" }?.value }
            ),
            (.label, .session(), { $0.client.session }),
        ]

        /// The ledger holds random spend of four days, settled in random steps.
        private func withHistory(
            _ engine: TestEngine, seed: UInt64, _ body: (GatewayStore, SpendSums) async throws -> Void
        ) async throws {
            var history = SpendHistory(seed: seed)
            let entries = history.entries(600, hours: 0..<96)
            var random = SeededGenerator(seed: seed + 1)
            let crashes = entries.filter { _ in Int.random(in: 0..<3, using: &random) == 0 }.map(\.crashed)
            try await engine.withStore { store, database in
                let arrivals = (entries + crashes).shuffled(using: &random)
                for start in stride(from: 0, to: arrivals.count, by: 100) {
                    try await store.ledger.apply(Array(arrivals[start..<min(start + 100, arrivals.count)]))
                }
                #expect(try await database.wrongSums() == [])
                try await body(store, SpendSums(entries: entries))
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `Every grouping adds up to the ledger, in whole hours and in any range`(engine: TestEngine) async throws {
            try await withHistory(engine, seed: 1) { store, sums in
                var random = SeededGenerator(seed: 99)
                let whole = SpendHistory.start..<SpendHistory.start + 96 * Self.hour
                let ranges =
                    [whole, whole.lowerBound + 1..<whole.upperBound - 1]
                    + (0..<4).map { _ in
                        let start = Int64.random(in: whole, using: &random)
                        return start..<start + .random(in: 1...40 * Self.hour, using: &random)
                    } + [whole.lowerBound + 600_000_000..<whole.lowerBound + 900_000_000]
                for range in ranges {
                    let inRange = SpendSums(entries: sums.entries.filter { range.contains($0.admittedAt) })
                    let total = try await store.read { try $0.spendTotal(SpendScope(range)) }
                    #expect(total == inRange.total(), "\(range)")
                    for (dimension, label, value) in Self.dimensions {
                        let scope = SpendScope(range, label: label)
                        let found = try await store.read { try $0.spend(by: dimension, scope, limit: 10_000) }
                        let groups = Dictionary(uniqueKeysWithValues: found.groups.map { ($0.value, $0.figures) })
                        let expected = inRange.groups(value)
                        #expect(groups == expected, "\(dimension) \(range)")
                        #expect(found.count == expected.count)
                        let costs = found.groups.map(\.figures.cost)
                        #expect(costs == costs.sorted(by: >))
                    }
                }
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A filter keeps what it names, together with any other`(engine: TestEngine) async throws {
            try await withHistory(engine, seed: 2) { store, sums in
                let range = SpendHistory.start + 60_000_000..<SpendHistory.start + 90 * Self.hour + 5
                let filters: [(SpendScope, (LedgerEntry) -> Bool)] = [
                    (SpendScope(range, userID: "user-4"), { $0.caller.userID == "user-4" }),
                    (SpendScope(range, teamID: "team-1"), { $0.caller.teamID == "team-1" }),
                    (SpendScope(range, keyID: "key-30"), { $0.caller.keyID == "key-30" }),
                    (SpendScope(range, model: "model-2"), { $0.resolvedModel == "model-2" }),
                    (
                        SpendScope(range, teamID: "team-1", provider: "provider-0", label: .tag("env", "prod")),
                        { entry in
                            entry.caller.teamID == "team-1" && entry.provider == "provider-0"
                                && entry.tags.contains(RequestTags.Tag(key: "env", value: "prod"))
                        }
                    ),
                ]
                for (scope, keeps) in filters {
                    let total = try await store.read { try $0.spendTotal(scope) }
                    let expected = sums.total { range.contains($0.admittedAt) && keeps($0) }
                    #expect(total == expected)
                    #expect(expected.attempts > 0)
                }
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `The reasons of what is unpriced, of all and of groups`(engine: TestEngine) async throws {
            try await withHistory(engine, seed: 3) { store, sums in
                let scope = SpendScope(SpendHistory.start + 1..<SpendHistory.start + 96 * Self.hour)
                let unpriced = sums.entries.filter {
                    $0.pricing.unpricedReason != nil && scope.range.contains($0.admittedAt)
                }
                let expected = Dictionary(grouping: unpriced) { $0.pricing.unpricedReason ?? "" }.mapValues {
                    Int64($0.count)
                }
                let found = try await store.read { try $0.unpricedReasons(scope) }
                #expect(found == expected)
                #expect(expected.count == 2)
                let byModel = try await store.read { try $0.unpricedReasons(by: .model, ["model-1"], scope) }
                let ofModel = Dictionary(grouping: unpriced.filter { $0.resolvedModel == "model-1" }) {
                    $0.pricing.unpricedReason ?? ""
                }
                #expect(byModel == ["model-1": ofModel.mapValues { Int64($0.count) }])
            }
        }
    }
}

extension LedgerEntry {
    /// As the journal has it before the attempt ends.
    var crashed: LedgerEntry {
        var entry = self
        entry.classes = TokenClasses()
        entry.pricing = .priced
        entry.cost = hold
        entry.endReason = .gatewayCrashed
        entry.usageSource = .heldMaximum
        entry.endedAt = nil
        return entry
    }
}
