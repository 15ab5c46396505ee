import GatewayConfig
import GatewayCore
import Testing

/// What is stored of providers and models is read back as it was, without a secret in it.
@Suite struct StoredRoutingTests {
    private static let text = """
        providers:
          - id: openai
            type: openai_compat
            base_url: https://api.openai.com/v1
            pricing_provider_id: openai
            auth: { kind: bearer, token: env.OPENAI_API_KEY }
            default_headers: { X-Org: canary-plain, X-Other: env.OTHER }
            display: { label: "Open \\"AI\\"", icon_key: openai }
          - id: local
            type: openai_compat
            base_url: http://127.0.0.1:8000/v1
            auth: { kind: header, header: Api-Key, token: literal.canary-literal }
            timeouts: { total_ms: 1000 }
            on_client_disconnect: drain
          - { id: sim, type: simulator, simulator: { latency_ms: 5, tokens_per_second: 12.5 } }
        models:
          - id: fast
            description: "Grüße\\nand more"
            tags: [b, a]
            rank: 3
            routes:
              - { provider: openai, upstream_model: gpt, priority: 7, weight: 0.25, enabled: false }
              - provider: local
                upstream_model: "odd/name:1"
                weight: 1e-7
                pricing: { input_per_million_usd: "0.15", output_per_million_usd: "0.60" }
                capabilities: { vision: false }
                compatibility: { max_tokens_field: max_tokens, supports_store: false }
                extra_headers: { X-Secret: literal.canary-header }
                extra_body: { top_k: 5, nested: { a: [1, 2.50, true, null, "x"] } }
                limits: { context_tokens: 1000 }
                allow_stored_responses: true
              - { provider: sim }
          - { id: default, alias_of: fast }
        """
    private static let environment = ["OPENAI_API_KEY": "canary-openai", "OTHER": "canary-other"]

    @Test func `Every field comes back`() throws {
        let configuration = try load(Self.text, environment: Self.environment).configuration
        let stored = try read(configuration, with: configuration)
        #expect(stored.providers.map(\.definition) == configuration.providers.map(\.definition))
        #expect(stored.providers.map(\.defaultHeaders) == configuration.providers.map(\.defaultHeaders))
        #expect(stored.providers.map(\.timeouts) == configuration.providers.map(\.timeouts))
        #expect(stored.providers.map(credential) == configuration.providers.map(credential))
        #expect(stored.models.map(\.definition) == configuration.models.map(\.definition))
        #expect(stored.models.flatMap(\.routes) == configuration.models.flatMap(\.routes))
        #expect(stored.models.map(\.rank) == [3, 100])
        #expect(stored.models.first?.description == "Grüße\nand more")
    }

    @Test func `The example comes back`() throws {
        let configuration = try load(ExampleDocument.text, environment: ExampleDocument.environment).configuration
        let stored = try StoredRouting.read(
            providers: configuration.providers.map(\.definition), models: configuration.models.map(\.definition),
            file: configuration, environment: ExampleDocument.environment)
        #expect(stored.providers == configuration.providers)
        #expect(stored.models.map(\.definition) == configuration.models.map(\.definition))
    }

    @Test func `No secret is stored, whichever way it stands in the file`() throws {
        let configuration = try load(Self.text, environment: Self.environment).configuration
        let texts =
            configuration.providers.map(\.definition.settings)
            + configuration.models.flatMap { $0.routes.map(\.definition.options) }
        #expect(texts.allSatisfy { !$0.contains("canary") })
        #expect(texts[0].contains("env.OPENAI_API_KEY"))
        #expect(texts[0].contains(#""x-other":"env.OTHER""#))
    }

    @Test func `A secret that only another gateway's file has makes the provider or route unavailable here`() throws {
        let theirs = try load(Self.text, environment: Self.environment).configuration
        let mine = try load(
            Self.text.replacing("literal.canary-literal", with: "env.OTHER").replacing("id: fast", with: "id: fast2")
                .replacing("alias_of: fast", with: "alias_of: fast2"),
            environment: Self.environment
        ).configuration
        let stored = try read(theirs, with: mine)
        #expect(stored.providers.first { $0.id == "openai" }?.unavailableReason == nil)
        #expect(stored.providers.first { $0.id == "local" }?.unavailableReason?.contains("another gateway") == true)
        #expect(stored.models.first?.routes[1].unavailableReason?.contains("another gateway") == true)
    }

    @Test func `References are resolved anew, and one without a value is told`() throws {
        let configuration = try load(Self.text, environment: Self.environment).configuration
        let stored = try read(configuration, with: configuration, environment: ["OTHER": "x"])
        #expect(stored.providers.first { $0.id == "openai" }?.unavailableReason == "OPENAI_API_KEY is not set")
    }

    @Test func `What is referred to need not be there any more`() throws {
        let configuration = try load(Self.text, environment: Self.environment).configuration
        let stored = try StoredRouting.read(
            providers: [], models: configuration.models.map(\.definition), file: configuration, environment: [:])
        #expect(stored.models.first?.routes.map(\.provider) == ["openai", "local", "sim"])
    }

    @Test func `What is no definition is an error that names the place`() throws {
        let configuration = try load(Self.text, environment: Self.environment).configuration
        let odd = ProviderDefinition(id: "odd", settings: #"{"type":"simulator","novelty":1}"#)
        let error = #expect(throws: ConfigurationError.self) {
            try StoredRouting.read(providers: [odd], models: [], file: configuration, environment: [:])
        }
        #expect(error?.description.contains("the database") == true)
        #expect(error?.description.contains("novelty") == true)
    }

    private func credential(_ provider: ProviderConfiguration) -> Credential? {
        if case .openAICompatible(let settings) = provider.kind { settings.auth.credential?.credential } else { nil }
    }

    private func read(
        _ configuration: GatewayConfiguration, with file: GatewayConfiguration,
        environment: [String: String] = environment
    ) throws -> StoredRouting {
        try StoredRouting.read(
            providers: configuration.providers.map(\.definition), models: configuration.models.map(\.definition),
            file: file, environment: environment)
    }
}
