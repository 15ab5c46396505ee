import GatewayCore
import Store
import Testing

extension EngineSuites {
    /// The one fetched price list of all gateways, on every engine.
    @Suite struct CachedPriceListTests {
        private static let actor = AuditActor(kind: .system, name: "price-list")

        @discardableResult
        private func put(
            _ content: String, source: String = "models.dev 2026-11-28", etag: String? = "\"1\"",
            into store: GatewayStore
        ) async throws -> CachedPriceList {
            try await store.transaction(by: Self.actor) {
                try $0.putPriceList(source: source, etag: etag, content: content, models: 3)
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A list replaces the one before, and all gateways follow`(engine: TestEngine) async throws {
            try await engine.withStore { store, database in
                let none = try await store.read { (try $0.cachedPriceList(), try $0.cachedPriceListContent()) }
                #expect(none.0 == nil && none.1 == nil)
                let large = #"{"é":"\#(String(repeating: "x", count: 3 << 20))"}"#
                let first = try await put(large, into: store)
                let stored = try await store.read { (try $0.cachedPriceList(), try $0.cachedPriceListContent()) }
                #expect(stored.0 == first && stored.1 == large && first.checkedAt == first.fetchedAt)
                let before = try await store.changeVersion()
                let second = try await put("{}", source: "models.dev 2026-11-29", etag: nil, into: store)
                #expect(second.etag == nil && second.fetchedAt > first.fetchedAt)
                let after = try await store.changeVersion()
                #expect(after.routing > before.routing)
                let rows = try await auditRows(database)
                #expect(rows.map(\.action) == ["price_list.update", "price_list.update"])
                #expect(rows.last?.before?.contains("2026-11-28") == true)
                #expect(rows.last?.after == #"{"models":3,"source":"models.dev 2026-11-29"}"#)
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A check moves no gateway, and touches only the list that it is about`(engine: TestEngine) async throws {
            try await engine.withStore { store, _ in
                let list = try await put("{}", into: store)
                let before = try await store.changeVersion()
                try await store.transaction(by: Self.actor) {
                    try $0.recordPriceListCheck(of: list.fetchedAt, etag: "\"2\"")
                    try $0.recordPriceListCheck(of: list.fetchedAt - 1, etag: "\"3\"")
                }
                let checked = try await store.read { try $0.cachedPriceList() }
                #expect(checked?.etag == "\"2\"" && checked?.fetchedAt == list.fetchedAt)
                #expect(checked?.checkedAt ?? 0 > list.checkedAt)
                let after = try await store.changeVersion()
                #expect(after.any == before.any)
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A list is another one although the clock was set back`(engine: TestEngine) async throws {
            try await engine.withStore { _, database in
                let first = try await put("{}", into: GatewayStore(database) { 5_000 })
                let second = try await put("{}", into: GatewayStore(database) { 1_000 })
                #expect(second.fetchedAt == first.fetchedAt + 1 && second.checkedAt == 1_000)
            }
        }
    }
}
