import GatewayConfig
import Testing

@Suite("Secrets")
struct SecrecyTests {
    private static let canary = "canary7f3a"

    @Test func `No error shows the value of a secret, of a reference, or of a secret that was put in the wrong place`()
    {
        let text = """
            server: { bind: env.S, log_format: env.S, otel_endpoint: env.S, max_concurrent_requests: env.S, trusted_proxies: [env.S] }
            database: { kind: env.S, url: env.S }
            auth:
              bootstrap_admin: { enabled: true, password: canary7f3a }
              seed_api_keys:
                - { name: literal.canary7f3a, value: env.S, owner: literal.canary7f3a }
                - { name: b, value: canary7f3a }
            budget_alerts: { webhook: { url: env.S, secret: [canary7f3a] } }
            admin_ui: { upstream: env.S, token: canary7f3a }
            providers:
              - { id: literal.canary7f3a, type: literal.canary7f3a }
              - { id: a, type: openai_compat, base_url: "https://u:canary7f3a@x", auth: { kind: bearer, token: canary7f3a }, default_headers: { x-a: "canary7f3a\\n" } }
              - { id: b, type: openai_compat, base_url: env.S, auth: { kind: canary7f3a, token: canary7f3a }, default_headers: { x-a: env.CR } }
            teams: [{ key: literal.canary7f3a, budget: { cadence: daily, amount_usd: literal.canary7f3a, timezone: env.S } }]
            users: [{ name: A, email: literal.canary7f3a }]
            """
        let found = errors(text, environment: ["S": Self.canary, "CR": "\(Self.canary)\r\n"])
        #expect(found.count > 20)
        for issue in found { #expect(!issue.description.contains(Self.canary), "\(issue)") }
    }

    @Test(arguments: [
        "a: \"canary7f3a", "a: canary7f3a\na: canary7f3a", "a: [canary7f3a", "a: canary7f3a: b", "a: *canary7f3a",
        "database: { path: \"postgres://u:canary7f3a@h\" }",
        "database: { url: \"literal.postgres://u:p@canary7f3a@h/d\" }",
        "database: { url: \"literal.postgres://u:1/canary7f3a@h/d\" }", "egress: { proxy: \"http://u:canary7f3a@h\" }",
        "egress: { proxy: \"http://h\", credentials: literal.canary7f3a }",
        "admin_ui: { upstream: \"http://ui\", literal.canary7f3a }", "{ literal.canary7f3a: 1, literal.canary7f3a: 2 }",
        "server: { otel_headers: { literal.canary7f3a{}: x } }", "a: canary7f3a\n\tb: c", "a: !!canary7f3a b",
        "--- canary7f3a\n--- b", "a: canary7f3a\u{1}",
    ])
    func `No error shows the document`(_ text: String) {
        let found = errors(text)
        #expect(!found.isEmpty)
        for issue in found { #expect(!issue.description.contains(Self.canary), "\(issue)") }
    }

    @Test func `No rendering, description or dump shows a secret`() throws {
        let key = "gwk_ABCDEFGH.canary7f3acanary7f3acanary7f3acanary7f3a"
        let text = """
            database: { url: "literal.postgres://u:canary7f3a@h/d" }
            server: { otel_headers: { Authorization: Bearer canary7f3a } }
            auth:
              bootstrap_admin: { enabled: true, password: literal.canary7f3a }
              seed_api_keys: [{ name: a, value: literal.\(key) }]
              oidc: [{ key: k, issuer: "https://i", client_id: c, client_secret: literal.canary7f3a }]
            budget_alerts: { webhook: { url: "literal.https://canary7f3a", secret: env.S } }
            admin_ui: { upstream: "http://ui", token: literal.canary7f3a }
            providers:
              - { id: a, type: openai_compat, base_url: "https://x", auth: { kind: header, header: api-key, token: literal.canary7f3a }, default_headers: { x-a: canary7f3a, x-b: literal.canary7f3a, x-c: env.S } }
            models:
              - { id: m, routes: [{ provider: a, upstream_model: u, pricing: free, extra_headers: { x-a: canary7f3a } }] }
            """
        let loaded = try load(text, environment: ["S": Self.canary])
        let rendered = loaded.configuration.rendered()
        #expect(!rendered.contains(Self.canary))
        #expect(rendered.contains("\"literal.••••••••\""))
        #expect(rendered.contains("x-c: env.S"))
        #expect(!"\(loaded)".contains(Self.canary))
        #expect(!String(reflecting: loaded).contains(Self.canary))
        var dumped = ""
        dump(loaded, to: &dumped)
        #expect(!dumped.contains(Self.canary))
        for warning in loaded.warnings { #expect(!warning.description.contains(Self.canary)) }
    }
}
