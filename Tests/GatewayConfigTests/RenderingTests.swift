import GatewayConfig
import Testing

@Suite("The effective configuration")
struct RenderingTests {
    @Test func `What is printed reads as the same configuration`() throws {
        let first = try load(ExampleDocument.text, environment: ExampleDocument.environment).configuration
        let second = try load(first.rendered(), environment: ExampleDocument.environment).configuration
        #expect(second.rendered() == first.rendered())
        #expect(second.server == first.server)
        #expect(second.database == first.database)
        #expect(second.auth == first.auth)
        #expect(second.accounting == first.accounting)
        #expect(second.routing == first.routing)
        #expect(second.budgetAlerts == first.budgetAlerts)
        #expect(second.requestLogging == first.requestLogging)
        #expect(second.adminUI == first.adminUI)
        #expect(second.providers == first.providers)
        #expect(second.models == first.models)
        #expect(second.teams == first.teams)
        #expect(second.users == first.users)
    }

    @Test func `Odd texts survive`() throws {
        let body = """
            ["yes", "1", "", "~", "null", "a: b", "# c", "literal.env.X", "line\\nbreak\\ttab", "quote\\"\\\\", "é\\u2028\\x07", "- a",
            [[1, -0.5e3], {"x y": {"k": []}}], {}, [], {"a": [{"b": 1}, {}]}]
            """
        let text =
            simulator
            + "models: [{ id: m, description: literal.env.X, routes: [{ provider: sim, extra_body: { v: \(body) } }] }]"
        let first = try load(text).configuration
        let second = try load(first.rendered()).configuration
        #expect(first.models[0].description == "env.X")
        #expect(second.models == first.models)
    }

    @Test func `Defaults are filled in, and secrets are their references`() throws {
        let rendered = try load(ExampleDocument.text, environment: ExampleDocument.environment).configuration.rendered()
        #expect(rendered.contains("\n      token: env.OPENAI_API_KEY\n"))
        #expect(rendered.contains("\n  url: null\n"))
        #expect(rendered.contains("\n    idle_seconds: 43200\n"))
        #expect(rendered.contains("\n    tags: [fast, cheap]\n"))
        #expect(rendered.contains("\n      amount_usd: \"500.00\"\n"))
    }

    @Test func `A reference is shown as such, also where the setting is no secret`() throws {
        let text = """
            server: { bind: env.BIND, public_url: file./etc/url, shutdown_grace_seconds: env.GRACE }
            models: [{ id: m, description: env.TEXT, routes: [{ provider: sim }] }]

            """
        let environment = ["BIND": "127.0.0.1:7001", "GRACE": "7", "TEXT": "canary-text"]
        let loaded = try load(simulator + text, environment: environment, files: ["/etc/url": "https://canary.example"])
        let rendered = loaded.configuration.rendered()
        for reference in ["bind: env.BIND", "public_url: file./etc/url", "grace_seconds: env.GRACE", "env.TEXT"] {
            #expect(rendered.contains(reference))
        }
        #expect(!rendered.contains("canary") && !rendered.contains("7001"))
        #expect(loaded.configuration.server.shutdownGraceSeconds == 7)
        // What is stored is the value: another gateway need not have the variable.
        #expect(loaded.configuration.models[0].description == "canary-text")
    }

    @Test func `The hash follows the text`() throws {
        let configuration = try load("server: {}\n").configuration
        #expect(configuration.hash == "1f1d6bcd085f4300c6ec3ec046d168f4839d2ad5203b6e7ccbf85ba6e2297225")
        #expect(try load("server: {}\n").configuration.hash == configuration.hash)
        #expect(try load("server: {} \n").configuration.hash != configuration.hash)
    }
}
