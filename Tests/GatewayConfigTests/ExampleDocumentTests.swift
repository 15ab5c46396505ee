import GatewayConfig
import GatewayCore
import Testing

@Suite("The example of the reference")
struct ExampleDocumentTests {
    private let loaded: LoadedConfiguration
    private var configuration: GatewayConfiguration { loaded.configuration }

    init() throws {
        loaded = try load(ExampleDocument.text, environment: ExampleDocument.environment)
    }

    @Test func `Server, database and routing say what the example says`() {
        let server = configuration.server
        #expect(server.bind.description == "0.0.0.0:8080")
        #expect(!server.bind.isLoopback)
        #expect(server.logFormat == .pretty)
        #expect(server.logLevel == .info)
        #expect(server.maxRequestBodyBytes == 32 << 20)
        #expect(server.maxConcurrentRequests == 1024)
        #expect(server.maxBufferedBodyBytes == 512 << 20)
        #expect(server.shutdownDelaySeconds == 5)
        #expect(server.shutdownGraceSeconds == 30)
        #expect(server.controlSocket == "./gateway.sock")
        #expect(server.metricsBind == nil)
        #expect(server.tls == nil)
        #expect(server.telemetry.endpoint == nil)
        #expect(configuration.database.kind == .libsql)
        #expect(configuration.database.isLocal)
        #expect(configuration.database.path == "./gateway.db")
        #expect(configuration.database.url == nil)
        #expect(configuration.routing.maxAttempts == 3)
        #expect(configuration.routing.cooldown.failures == 5)
        #expect(configuration.accounting.journal.sync == .group)
    }

    @Test func `Providers carry their credential with its reference`() throws {
        let provider = try #require(configuration.providers.first)
        guard case .openAICompatible(let settings) = provider.kind, case .bearer(let token) = settings.auth else {
            Issue.record("not a bearer provider")
            return
        }
        #expect(settings.baseURL.scheme == .https)
        #expect(settings.baseURL.host == "api.openai.com")
        #expect(settings.baseURL.port == 443)
        #expect(settings.baseURL.pathPrefix == "/v1")
        #expect(token.reference == .environment("OPENAI_API_KEY"))
        #expect(token.credential == .value(Secret("canary-openai")))
        #expect(provider.timeouts.streamHead == 300_000)
        #expect(provider.timeouts.total == nil)
        #expect(provider.onClientDisconnect == .cancel)
        #expect(provider.unavailableReason == nil)
        #expect(configuration.providers.map(\.kind.type) == [.openAICompatible, .vertex, .simulator])
    }

    @Test func `Models, teams, users and keys are linked`() throws {
        let route = try #require(configuration.models.first?.routes.first)
        #expect(route.provider == "openai-prod")
        #expect(route.priority == 50)
        #expect(route.weight == 9)
        #expect(route.capabilities == .all)
        #expect(route.pricing == nil)
        #expect(configuration.models.last?.aliasOf == "fast")
        let key = try #require(configuration.auth.seedAPIKeys.first)
        #expect(key.owner == .team("platform"))
        #expect(key.allowedModels == .all)
        #expect(key.value.reveal() == seedKey)
        #expect(configuration.teams.first?.budget?.amount == Money(decimal: "500"))
        #expect(configuration.users.first?.membership?.role == .admin)
        #expect(configuration.users.first?.globalRole == .platformAdmin)
    }

    @Test func `Each section without an effect yet is told once`() {
        let told = loaded.warnings.filter { $0.message.contains("no effect") }.map(\.path)
        for path in ["accounting.unpriced", "budget_alerts", "request_logging", "teams[0].budget"] {
            #expect(told.filter { $0 == path }.count == 1, "\(path)")
        }
        #expect(told.contains("providers[1].type"))
        #expect(!told.contains { $0.hasPrefix("models") || $0.hasPrefix("database") || $0 == "auth.seed_api_keys" })
    }
}
