import GatewayConfig
import GatewayCore
import Testing

@Suite("Defaults")
struct DefaultsTests {
    @Test func `Two lines are a configuration, without warnings`() throws {
        let loaded = try load(simulator + "models: [{ id: m, routes: [{ provider: sim }] }]")
        #expect(loaded.warnings == [])
        let configuration = loaded.configuration
        #expect(configuration.server.bind.description == "0.0.0.0:8080")
        #expect(configuration.server.maxConnections == 10_000)
        #expect(configuration.server.bodyTimeoutSeconds == 120)
        #expect(configuration.database.kind == .libsql)
        #expect(configuration.auth.maxStalenessSeconds == 300)
        #expect(!configuration.auth.bootstrapAdmin.isEnabled)
        #expect(configuration.auth.session.idleSeconds == 43200)
        #expect(configuration.auth.session.absoluteSeconds == 604_800)
        #expect(configuration.accounting.unpriced == .deny)
        #expect(configuration.accounting.journal.path == "./journal")
        #expect(configuration.accounting.catalog.url.description == "https://models.dev/api.json")
        #expect(configuration.routing.deadlineMilliseconds == 600_000)
        #expect(configuration.routing.maxRetryAfterSeconds == 2)
        #expect(configuration.budgetAlerts.thresholds == [80, 100])
        #expect(configuration.requestLogging.payloads.captureMode == .redactedPayloads)
        #expect(configuration.adminUI.isEnabled)
    }

    @Test func `A simulated route is free, and its upstream model is the model's id`() throws {
        let model = try load(simulator + "models: [{ id: a/b, routes: [{ provider: sim }] }]").configuration.models[0]
        #expect(model.rank == 100)
        #expect(model.routes[0].upstreamModel == "a/b")
        #expect(model.routes[0].pricing == .free)
        #expect(model.routes[0].weight == 1)
        #expect(model.routes[0].priority == 100)
        #expect(model.routes[0].isEnabled)
        #expect(model.routes[0].compatibility.supportsStreamUsage)
        #expect(model.routes[0].compatibility.maxTokensField == .passthrough)
    }

    @Test func `The control socket and the journal lie beside the database file`() throws {
        let configuration = try load("database: { path: /var/lib/sluice/main.db }").configuration
        #expect(configuration.server.controlSocket == "/var/lib/sluice/gateway.sock")
        #expect(configuration.accounting.journal.path == "/var/lib/sluice/journal")
        #expect(try load("database: { path: main.db }").configuration.server.controlSocket == "./gateway.sock")
    }

    @Test func `A URL alone means PostgreSQL`() throws {
        let url = ["POSTGRES_URL": "postgres://gateway@localhost/gateway"]
        let configuration = try load("database: { url: env.POSTGRES_URL }", environment: url).configuration
        #expect(configuration.database.kind == .postgres)
        #expect(!configuration.database.isLocal)
    }

    @Test func `Metrics go where traces go`() throws {
        let telemetry = try load("server: { otel_endpoint: \"http://c:4318/\" }").configuration.server.telemetry
        #expect(telemetry.metricsEndpoint?.description == "http://c:4318")
    }

    @Test func `Every option of a route is read`() throws {
        let route = try load(
            """
            providers:
              - { id: p, type: openai_compat, base_url: "http://[::1]:9000/", auth: { kind: header, header: API-Key, token: literal.s } }
            models:
              - id: m
                routes:
                  - provider: p
                    upstream_model: up
                    weight: 0.5
                    enabled: false
                    capabilities: { tools: false, vision: false }
                    compatibility: { supports_store: false, max_tokens_field: max_tokens, developer_role: system, reasoning_effort: omit, supports_stream_usage: false }
                    extra_headers: { X-Team: blue }
                    extra_body: { provider: { order: [a, "1"], n: 1.50, on: true, none: null } }
                    pricing: { input_per_million_usd: "0.25", output_per_million_usd: "2", cache_read_per_million_usd: "0.025" }
                    limits: { context_tokens: 400000, output_tokens: 128000 }
                    allow_fields: [provider, models]
            """
        ).configuration.models[0].routes[0]
        #expect(route.weight == 0.5)
        #expect(!route.isEnabled)
        #expect(route.capabilities == CapabilitySet.all.subtracting([.tools, .vision]))
        #expect(!route.compatibility.supportsStore)
        #expect(route.compatibility.maxTokensField == .maxTokens)
        #expect(route.compatibility.developerRole == .system)
        #expect(route.compatibility.reasoningEffort == .omit)
        #expect(!route.compatibility.supportsStreamUsage)
        #expect(route.extraHeaders.map(\.name) == ["x-team"])
        #expect(route.extraBody?.text == #"{"provider":{"order":["a","1"],"n":1.50,"on":true,"none":null}}"#)
        guard case .rates(let rates) = route.pricing else {
            Issue.record("no rates")
            return
        }
        #expect(rates.input == Money(nanodollars: 250_000_000))
        #expect(rates.cacheRead == Money(nanodollars: 25_000_000))
        #expect(rates.cacheWrite == nil)
        #expect(route.limits.contextTokens == 400_000)
        #expect(route.allowedFields == [.provider, .models])
    }

    @Test func `A provider may be silent for as long as clients wait`() throws {
        let timeouts = try load(simulator).configuration.providers[0].timeouts
        #expect(timeouts.head == 600_000 && timeouts.streamHead == 300_000 && timeouts.idle == 300_000)
        #expect(timeouts.firstContent == nil && timeouts.total == nil)
        let limited = try load("providers: [{ id: sim, type: simulator, timeouts: { first_content_ms: 9000 } }]")
        #expect(limited.configuration.providers[0].timeouts.firstContent == 9000)
    }

    @Test func `The simulator's options are read`() throws {
        let provider = try load(
            """
            providers:
              - id: sim
                type: simulator
                simulator: { latency_ms: 20, tokens_per_second: 50.5, failure_rate: 0.1, truncate_rate: 1, seed: 7 }
            """
        ).configuration.providers[0]
        guard case .simulator(let options) = provider.kind else {
            Issue.record("not a simulator")
            return
        }
        #expect(options.latencyMilliseconds == 20)
        #expect(options.tokensPerSecond == 50.5)
        #expect(options.failureRate == 0.1)
        #expect(options.truncateRate == 1)
        #expect(options.seed == 7)
    }
}
