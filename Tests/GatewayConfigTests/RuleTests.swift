import GatewayConfig
import GatewayCore
import Testing

@Suite("Rules")
struct RuleTests {
    @Test(
        arguments: [
            BrokenRule.keys, BrokenRule.types, BrokenRule.server, BrokenRule.auth, BrokenRule.providers,
            BrokenRule.models,
            BrokenRule.people, BrokenRule.others, BrokenRule.blanks,
        ].flatMap(\.self))
    func `A broken rule is one error at its place`(_ rule: BrokenRule) {
        let found = errors(rule.text)
        let hit = found.first { $0.path == rule.path && $0.line == rule.line && $0.message.contains(rule.message) }
        #expect(hit != nil, "found \(found)")
        #expect(hit?.file == "gateway.yaml")
        #expect(hit?.column != nil)
        #expect(found.count == 1, "found \(found)")
    }

    @Test func `An error is one line, as editors and terminals understand it`() {
        let found = errors("providers:\n  - id: a\n    type: simulator\n    typ: x")
        #expect(found.map(\.description) == ["gateway.yaml:4:5: providers[0].typ: unknown key; did you mean \"type\"?"])
    }

    @Test func `One run finds everything, in the order of the lines`() {
        let text = """
            models:
              - { id: m, routes: [{ provider: nowhere, weigth: 1 }] }
              - { id: a, alias_of: b }
              - { id: b, alias_of: a }
            server:
              bind: here
              log_level: loud
            providers:
              - { id: env.P, type: simulator }
              - 7
            teams: [{ key: system-legacy }]
            zzz: 1
            """
        let found = errors(text)
        #expect(
            found.map { "\($0.line ?? 0) \($0.path)" } == [
                "2 models[0].routes[0].provider", "2 models[0].routes[0].weigth", "3 models[1].alias_of",
                "6 server.bind", "7 server.log_level", "9 providers[0].id", "10 providers[1]",
                "11 teams[0].key", "12 zzz",
            ])
    }

    @Test func `A cycle is reported once, whatever leads into it`() {
        let text =
            "models: [{ id: x, alias_of: c }, { id: a, alias_of: b }, { id: b, alias_of: c }, { id: c, alias_of: a }]"
        let found = errors(text)
        #expect(found.map(\.path) == ["models[3].alias_of"])
        #expect(found.first?.message == "aliases form a cycle: c → a → b → c")
    }

    @Test func `What the rules allow is allowed`() throws {
        let chain =
            "models: [{ id: c, alias_of: b }, { id: b, alias_of: a }, { id: a, routes: [{ provider: sim, weight: 0 }] }]"
        #expect(try load(simulator + chain).configuration.models.count == 3)
        let short = "auth: { seed_api_keys: [{ name: a, value: literal.gwk_ABCDEFGH.x }] }"
        let local = try load("server: { bind: \"127.0.0.1:8080\" }\n" + short).configuration.auth.seedAPIKeys
        #expect(local.map(\.owner) == [.systemLegacy])
        #expect(try load("server: { bind: \"[::1]:0\" }\n" + short).configuration.server.bind.port == 0)
        let owned = "auth: { seed_api_keys: [{ name: a, value: literal.\(seedKey), owner: \"user:Ann@X.y\" }] }"
        let users = "\nusers: [{ name: Ann, email: ann@x.y }]"
        #expect(try load(owned + users).configuration.auth.seedAPIKeys[0].owner == .user("ann@x.y"))
    }

    @Test func `The base address of a reference is not shown`() {
        let text = "providers: [{ id: a, type: openai_compat, auth: { kind: none }, base_url: env.URL }]"
        let found = errors(text, environment: ["URL": "https://canary.example/v1/messages"])
        #expect(found.map(\.path) == ["providers[0].base_url"])
        #expect(found.first?.message.contains("canary") == false)
    }

    @Test func `An empty list and a written null are no mistake`() throws {
        let text = """
            server: { tls: null, public_url: ~ }
            teams: [{ key: a, budget: null }]
            models: []
            """
        let configuration = try load(text).configuration
        #expect(configuration.teams[0].budget == nil)
        #expect(configuration.server.tls == nil)
    }

    @Test(arguments: [
        ("api.example", true), ("API.example", true), ("eu.api.example", true), ("napi.example", false),
        ("internal", false), ("a.internal", true), ("10.1.2.3", true), ("11.1.2.3", false), ("::1", true),
        ("::2", false),
        ("10.1.2.3.example", false), ("8.8.8.8", true),
    ])
    func `Hosts of no_proxy are reached directly`(_ host: String, isDirect: Bool) throws {
        let text = """
            egress:
              proxy: http://proxy.example:3128
              credentials: literal.user:password
              no_proxy: [api.example, .internal, 10.0.0.0/8, "::1", 8.8.8.8]
            """
        let loaded = try load(text)
        #expect(loaded.configuration.egress.reachesDirectly(host) == isDirect)
        #expect(loaded.configuration.egress.proxy?.port == 3128)
        #expect(loaded.warnings == [])
        #expect(!loaded.configuration.rendered().contains("password\n"))
    }

    @Test(arguments: ["HTTPS_PROXY", "http_proxy", "ALL_PROXY"])
    func `A proxy of the environment is not used, and that is told`(_ name: String) throws {
        let environment = [name: "http://user:canary@proxy:3128", "P": "http://proxy:3128"]
        let warnings = try load("server: {}", environment: environment).warnings
        #expect(warnings.count == 1)
        #expect(warnings.first?.message.hasPrefix("\(name) is set") == true)
        #expect(warnings.first?.description.contains("canary") == false)
        #expect(try load("egress: { proxy: env.P }", environment: environment).warnings == [])
    }

    @Test func `An OpenAI-compatible provider needs no catalogue where each route has a price`() throws {
        let text = """
            providers: [{ id: a, type: openai_compat, base_url: "http://x", auth: { kind: none } }]
            models: [{ id: m, routes: [{ provider: a, upstream_model: u, pricing: free }] }]
            """
        #expect(try load(text).configuration.models[0].routes[0].pricing == .free)
    }
}
