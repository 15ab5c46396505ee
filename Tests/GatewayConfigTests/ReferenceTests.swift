import GatewayConfig
import GatewayCore
import Testing

@Suite("Value references")
struct ReferenceTests {
    private func provider(_ token: String) -> String {
        """
        providers:
          - id: p
            type: openai_compat
            base_url: https://x
            pricing_provider_id: x
            auth: { kind: bearer, token: \(token) }
        """
    }

    @Test(arguments: ["env.KEY", "file./run/key", "literal.abc"])
    func `A credential comes from the environment, a file or the text`(_ reference: String) throws {
        let loaded = try load(provider(reference), environment: ["KEY": " abc\r\n"], files: ["/run/key": "\n abc \r\n"])
        guard case .openAICompatible(let settings) = loaded.configuration.providers[0].kind else { return }
        #expect(settings.auth.credential?.credential == .value(Secret("abc")))
        #expect(loaded.warnings == [])
    }

    @Test(arguments: [
        ("env.KEY", "KEY is not set"), ("env.EMPTY", "EMPTY is empty"), ("env.BLANK", "BLANK is empty"),
        ("env.BROKEN", "the value of env.BROKEN has line breaks or control characters"),
        ("file./no", "the file /no cannot be read"), ("file./blank", "the file /blank is empty"),
    ])
    func `A provider whose credential has no value stays, with the reason`(_ reference: String, reason: String) throws {
        let loaded = try load(
            provider(reference), environment: ["EMPTY": "", "BLANK": " \n", "BROKEN": "a\r\nb: c"],
            files: ["/blank": " \n"])
        #expect(loaded.configuration.providers[0].unavailableReason == reason)
        let warnings = loaded.warnings.filter { !$0.message.contains("a blank") }
        #expect(warnings.map(\.path) == ["providers[0].auth.token"])
        #expect(warnings[0].line == 6)
        #expect(warnings[0].message.hasPrefix(reason))
    }

    @Test(arguments: [
        ("a b", "a blank (U+0020)"), ("a\u{A0}b", "a blank (U+00A0)"),
        ("\u{200B}ab", "an invisible character (U+200B)"),
        ("ab\u{FEFF}", "an invisible character (U+FEFF)"), ("a\u{AD}b", "an invisible character (U+00AD)"),
        ("a\u{2060}b", "an invisible character (U+2060)"), ("a\u{E0061}b", "an invisible character (U+E0061)"),
    ])
    func `A blank or an invisible character within a secret is used, and told`(_ value: String, words: String) throws {
        for (reference, files) in [("env.KEY", [:]), ("file./key", ["/key": value + "\n"])] {
            let loaded = try load(provider(reference), environment: ["KEY": value], files: files)
            guard case .openAICompatible(let settings) = loaded.configuration.providers[0].kind else { return }
            #expect(settings.auth.credential?.credential == .value(Secret(value)))
            #expect(loaded.warnings.map(\.path) == ["providers[0].auth.token"])
            #expect(
                loaded.warnings.first?.message == "the value of \(reference) has \(words) in it, and is used with it")
        }
    }

    @Test func `A header without a value makes its provider or route unavailable`() throws {
        let text = """
            providers:
              - { id: p, type: openai_compat, base_url: "https://x", auth: { kind: none }, default_headers: { x-a: env.NO, x-b: plain } }
            models:
              - { id: m, routes: [{ provider: p, upstream_model: u, pricing: free, extra_headers: { x-c: env.NOT } }] }
            """
        let loaded = try load(text)
        #expect(loaded.configuration.providers[0].unavailableReason == "NO is not set")
        #expect(loaded.configuration.providers[0].defaultHeaders.map(\.name) == ["x-b"])
        #expect(loaded.configuration.models[0].routes[0].unavailableReason == "NOT is not set")
        let missing = loaded.warnings.filter { $0.message.contains("is not set") }
        #expect(missing.map(\.path) == ["providers[0].default_headers", "models[0].routes[0].extra_headers"])
    }

    @Test(arguments: [
        ("server: { bind: env.NO }", "server.bind"), ("database: { path: env.NO }", "database.path"),
        ("database: { url: env.NO }", "database.url"),
        ("auth: { seed_api_keys: [{ name: a, value: env.NO }] }", "auth.seed_api_keys[0].value"),
        ("auth: { bootstrap_admin: { enabled: true, password: env.NO } }", "auth.bootstrap_admin.password"),
        ("server: { otel_headers: { x-a: env.NO } }", "server.otel_headers"),
    ])
    func `Elsewhere an unset variable is an error`(_ text: String, path: String) {
        let found = errors(text)
        #expect(found.map(\.path) == [path])
        #expect(found.first?.message.hasPrefix("NO is not set") == true)
    }

    @Test func `The password of a switched-off administrator need not be set`() throws {
        let admin = try load("auth: { bootstrap_admin: { password: env.NO } }").configuration.auth.bootstrapAdmin
        #expect(admin.password == nil)
    }

    @Test func `Other values may be references, of every type`() throws {
        let text = """
            server: { bind: env.BIND, max_concurrent_requests: env.LIMIT, log_format: literal.json }
            database: { path: file./path }
            accounting: { cap_output: env.CAP }
            """
        let environment = ["BIND": "127.0.0.1:1", "LIMIT": "7", "CAP": "false"]
        let configuration = try load(text, environment: environment, files: ["/path": "123\n"]).configuration
        #expect(configuration.server.bind.port == 1)
        #expect(configuration.server.maxConcurrentRequests == 7)
        #expect(configuration.server.logFormat == .json)
        #expect(configuration.database.path == "123")
        #expect(!configuration.accounting.capsOutput)
    }

    @Test(arguments: [
        "teams: [{ key: env.K }]", "teams: [{ key: a, name: literal.b }]", "users: [{ name: A, email: file./m }]",
        "auth: { oidc: [{ key: env.K, issuer: \"https://i\", client_id: c }] }",
        "models: [{ id: literal.x, alias_of: literal.x }]",
    ])
    func `Ids, keys, names and tags stand as themselves`(_ text: String) {
        let found = errors(text, environment: ["K": "k"])
        #expect(found.first?.message.contains("must be written here, not as a reference") == true, "found \(found)")
    }

    @Test(arguments: ["env.example.com", "file.txt", "env."])
    func `What only looks a little like a reference stands for itself`(_ path: String) throws {
        #expect(try load("database: { path: \(path) }").configuration.database.path == path)
    }
}
