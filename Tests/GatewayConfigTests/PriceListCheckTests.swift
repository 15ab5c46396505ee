import GatewayConfig
import Testing

/// The checks of a document against the price list.
@Suite struct PriceListCheckTests {
    private struct Index: PriceListIndex {
        var isBuiltIn = true
        let providerIDs = ["google-vertex", "openai"]

        func modelIDs(of provider: String) -> [String] { provider == "openai" ? ["gpt-5", "gpt-5-mini"] : [] }

        func hasPrice(provider: String, model: String) -> Bool { modelIDs(of: provider).contains(model) }
    }

    private func document(
        pricing: String = "pricing_provider_id: openai", route: String = "upstream_model: gpt-5", more: String = ""
    ) -> String {
        """
        \(more)
        providers:
          - id: p
            type: openai_compat
            base_url: http://127.0.0.1:9/v1
            auth: { kind: none }
            \(pricing)
        models:
          - id: m
            routes:
              - provider: p
                \(route)
        """
    }

    private func load(_ text: String, builtIn: Bool = true) throws(ConfigurationError) -> [ConfigurationIssue] {
        let index = Index(isBuiltIn: builtIn)
        return try GatewayConfiguration.parse(text: text, file: "gateway.yaml", environment: [:], prices: index) { _ in
            ""
        }
        .warnings
    }

    @Test func `What the list has passes`() throws {
        #expect(try load(document()) == [])
    }

    @Test func `An unknown provider is an error at its line, with the nearest id`() {
        let error = #expect(throws: ConfigurationError.self) {
            try load(document(pricing: "pricing_provider_id: opnai"))
        }
        let issue = error?.issues.first
        #expect(error?.issues.count == 1 && issue?.path == "providers[0].pricing_provider_id" && issue?.line == 7)
        #expect(issue?.message.contains("no provider \"opnai\"; did you mean \"openai\"?") == true)
        #expect(issue?.message.contains("gateway prices list") == true)
    }

    /// A list of the operator's own may have providers that the built-in one lacks.
    @Test func `With another list it is a warning`() throws {
        let text = document(
            pricing: "pricing_provider_id: ours", more: "accounting: { catalog: { url: \"http://127.0.0.1:1/list\" } }")
        let warnings = try load(text).filter { $0.path == "providers[0].pricing_provider_id" }
        #expect(warnings.count == 1 && warnings.first?.message.contains("accounting.catalog.url") == true)
    }

    @Test func `A model without a price is a warning that says what to do`() throws {
        let warnings = try load(document(route: "upstream_model: gpt-5-minni"))
        #expect(warnings.map(\.path) == ["models[0].routes[0].upstream_model"] && warnings.first?.line == 12)
        let message = try #require(warnings.first?.message)
        #expect(message.contains("\"gpt-5-minni\" of openai; did you mean \"gpt-5-mini\"?"))
        #expect(message.contains("unpriced") && message.contains("`pricing`"))
        #expect(message.hasPrefix("the price list of this release"))
        let current = try load(document(route: "upstream_model: gpt-5-minni"), builtIn: false)
        #expect(current.first?.message.hasPrefix("the price list has no price") == true)
    }

    /// What the release carries says nothing about the models of a list elsewhere; the fetched list does, at a reload.
    @Test func `The models of another list are looked up in that list only`() throws {
        let text = document(
            route: "upstream_model: ours", more: "accounting: { catalog: { url: \"http://127.0.0.1:1/list\" } }")
        #expect(try load(text) == [])
        #expect(try load(text, builtIn: false).count == 1)
    }

    @Test(arguments: ["pricing: free", #"pricing: { input_per_million_usd: "1", output_per_million_usd: "2" }"#])
    func `A route with its own price is not looked up`(pricing: String) throws {
        #expect(try load(document(route: "upstream_model: x\n        \(pricing)")) == [])
    }

    @Test func `Vertex has the prices of its publisher`() throws {
        let text = """
            providers: [{ id: v, type: gcp_vertex, project_id: p }]
            models: [{ id: m, routes: [{ provider: v, upstream_model: google/absent }] }]
            """
        let messages = try load(text).map(\.message).filter { $0.contains("price list") }
        #expect(messages.count == 1 && messages.first?.contains("of google-vertex,") == true)
    }

    @Test func `Without a list nothing is checked`() throws {
        let text = document(pricing: "pricing_provider_id: opnai")
        let loaded = try GatewayConfiguration.parse(text: text, file: "x", environment: [:]) { _ in "" }
        #expect(loaded.warnings == [])
    }
}
