import GatewayConfig
import GatewayCore
import Routing
import Testing

@Suite struct ModelCatalogConfigurationTests {
    static let text = """
        providers: [{ id: sim, type: simulator }]
        models:
          - id: team/base
            rank: 3
            routes:
              - { provider: sim, upstream_model: one, priority: 7, weight: 2.5 }
              - { provider: sim, upstream_model: two, enabled: false }
          - { id: nick, rank: 1, alias_of: team/base }
        """

    @Test func `Takes over every field`() throws {
        let loaded = try GatewayConfiguration.parse(text: Self.text, file: "gateway.yaml", environment: [:]) { _ in "" }
        let catalog = ModelCatalog(loaded.configuration.models)
        #expect(catalog.visible(to: .all).map(\.id) == ["nick", "team/base"])
        let resolved = try catalog.resolve("nick", access: .all)
        #expect(resolved.id == "team/base")
        #expect(resolved.routes.map(\.id) == ["team/base/1", "team/base/2"])
        #expect(resolved.routes.map(\.upstreamModel) == ["one", "two"])
        #expect(resolved.routes.map(\.provider) == ["sim", "sim"])
        #expect(resolved.routes.map(\.priority) == [7, 100])
        #expect(resolved.routes.map(\.weight) == [2.5, 1])
        #expect(resolved.routes.map(\.isEnabled) == [true, false])
    }
}
