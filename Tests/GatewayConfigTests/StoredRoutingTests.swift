import Foundation
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
        let stored = read(configuration, with: configuration)
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
        let stored = read(configuration, with: configuration)
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
        let stored = read(theirs, with: mine)
        #expect(stored.providers.first { $0.id == "openai" }?.unavailableReason == nil)
        #expect(stored.providers.first { $0.id == "local" }?.unavailableReason?.contains("another gateway") == true)
        #expect(stored.models.first?.routes[1].unavailableReason?.contains("another gateway") == true)
    }

    @Test func `A file is read again, and one without a value is reported`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "key")
        try Data("first".utf8).write(to: file)
        let text = Self.text.replacing("env.OPENAI_API_KEY", with: "file.\(file.path)")
        let configuration = try load(text, environment: Self.environment, files: [file.path: "first"]).configuration
        func key() -> Credential? {
            let references = configuration.references.rereadingFiles()
            return read(configuration, with: configuration, references).providers.first.flatMap(credential)
        }
        #expect(key() == .value(Secret("first")))
        try Data("second".utf8).write(to: file)
        #expect(key() == .value(Secret("second")))
        try FileManager.default.removeItem(at: file)
        #expect(key() == .missing(reason: "the file \(file.path) cannot be read"))
    }

    /// What someone who can write the database, but not this gateway's file or environment, could try.
    @Test(arguments: [
        ("a variable that the file does not name", "env.OPENAI_API_KEY", "env.PATH"),
        ("a file that the file does not name", "env.OPENAI_API_KEY", "file./etc/hostname"),
        ("a variable of another place", "env.OPENAI_API_KEY", "env.OTHER"),
        ("another host", "https://api.openai.com/v1", "https://evil.example/v1"),
        ("another port", "https://api.openai.com/v1", "https://api.openai.com:444/v1"),
        ("without TLS", "https://api.openai.com/v1", "http://api.openai.com/v1"),
    ])
    func `What is stored cannot send a secret elsewhere`(_ what: String, from: String, to: String) throws {
        let file = try load(Self.text, environment: Self.environment).configuration
        let theirs = try load(
            Self.text.replacing(from, with: to), environment: Self.environment.merging(["PATH": "x"]) { $1 },
            files: ["/etc/hostname": "x"]
        ).configuration
        let stored = read(theirs, with: file)
        let provider = try #require(stored.providers.first { $0.id == "openai" })
        #expect(provider.unavailableReason?.contains("this gateway's own file") == true)
        #expect(stored.providers.first { $0.id == "local" }?.unavailableReason == nil)
    }

    @Test func `A secret header of a route goes to the provider of the file only`() throws {
        let file = try load(Self.text, environment: Self.environment).configuration
        let theirs = try load(
            Self.text.replacing("- provider: local", with: "- provider: openai"), environment: Self.environment
        ).configuration
        let route = try #require(read(theirs, with: file).models.first?.routes[1])
        #expect(route.unavailableReason?.contains("this gateway's own file") == true)
    }

    /// The provider itself has no secret, so nothing else would keep it from getting the route's.
    @Test(arguments: ["http://evil.example:1/v1", "https://127.0.0.1:8000/v1", "http://127.0.0.1:8001/v1"])
    func `A secret header of a route does not follow its provider to another address`(address: String) throws {
        let text = """
            providers: [{ id: p, type: openai_compat, base_url: "http://127.0.0.1:8000/v1", auth: { kind: none }, pricing_provider_id: x }]
            models: [{ id: m, routes: [{ provider: p, upstream_model: u, extra_headers: { x-secret: env.OTHER } }] }]
            """
        let file = try load(text, environment: Self.environment).configuration
        #expect(read(file, with: file).models[0].routes[0].unavailableReason == nil)
        let theirs = try load(
            text.replacing("http://127.0.0.1:8000/v1", with: address), environment: Self.environment
        ).configuration
        let route = read(theirs, with: file).models[0].routes[0]
        #expect(route.unavailableReason?.contains("this gateway's own file") == true)
    }

    @Test func `A certificate file that this gateway's own file does not name is not read`() throws {
        let file = try load(Self.text, environment: Self.environment).configuration
        let theirs = try load(
            Self.text.replacing(
                "pricing_provider_id: openai", with: "pricing_provider_id: openai\n    tls: { ca_path: /ca }"),
            environment: Self.environment, files: ["/ca": "x"]
        ).configuration
        let provider = try #require(read(theirs, with: file).providers.first { $0.id == "openai" })
        #expect(provider.unavailableReason?.contains("this gateway's own file does not have file./ca") == true)
    }

    @Test func `What is referred to need not be there any more`() throws {
        let configuration = try load(Self.text, environment: Self.environment).configuration
        let stored = StoredRouting.read(
            providers: [], models: configuration.models.map(\.definition), file: configuration,
            references: configuration.references)
        #expect(stored.models.first?.routes.map(\.provider) == ["openai", "local", "sim"])
    }

    @Test func `What is no definition is an error that names the place`() throws {
        let configuration = try load(Self.text, environment: Self.environment).configuration
        let odd = ProviderDefinition(id: "odd", settings: #"{"type":"simulator","novelty":1}"#)
        let stored = StoredRouting.read(
            providers: [odd, configuration.providers[2].definition], models: [], file: configuration,
            references: configuration.references)
        #expect(stored.providers.map(\.id) == ["sim"])
        #expect(stored.issues.map(\.description) == ["the database: providers[odd].novelty: unknown key"])
    }

    /// DEL, controls of C1, what YAML takes for line breaks and for no characters at all, quotes and escapes.
    private static let odd =
        "\u{7F} \u{80} \u{85} \u{9F} \u{A0} \u{2028}\u{2029} \u{FEFF} \u{FFFE}\u{FFFF} \u{1F600}\u{10FFFF} é e\u{301} '\"\\/ #&*!%@`: [x] \t\n\r\u{1} "

    @Test func `Every character comes back, wherever it stands`() throws {
        let quoted = JSONValue.string(Self.odd).text.replacing("\u{7F}", with: #"\x7f"#)
            .replacing("\u{80}", with: #"\x80"#).replacing("\u{85}", with: #"\x85"#).replacing("\u{9F}", with: #"\x9f"#)
            .replacing("\u{2028}", with: #"\u2028"#).replacing("\u{2029}", with: #"\u2029"#)
            .replacing("\u{FEFF}", with: #"\uFEFF"#).replacing("\u{FFFE}", with: #"\uFFFE"#)
            .replacing("\u{FFFF}", with: #"\uFFFF"#)
        let text = """
            providers: [{ id: sim, type: simulator }]
            models:
              - id: m
                description: \(quoted)
                routes: [{ provider: sim, extra_body: { \(quoted): [\(quoted), { "": "" }] } }]
            """
        let configuration = try load(text).configuration
        #expect(configuration.models[0].description == Self.odd)
        let stored = read(configuration, with: configuration)
        #expect(stored.models[0].description.map { Array($0.utf8) } == Array(Self.odd.utf8))
        let string = JSONValue.string(Self.odd).text
        let expected = #"{\#(string):[\#(string),{"":""}]}"#
        #expect(stored.models[0].routes[0].extraBody.map { Array($0.text.utf8) } == Array(expected.utf8))
    }

    @Test func `Numbers keep their notation and names their order`() throws {
        let body =
            #"{"z":1,"a":-0,"m":[2.50,1E400,1e-7,-1.0E+2,12345678901234567890123],"b":{"y":null,"x":true,"w":false}}"#
        #expect(try extraBody(of: #" { "extra_body" : \#(body) } "#)?.text == body)
    }

    @Test func `Escapes stand for their characters`() throws {
        let body = #"{"a":"\u0041\u00e9\uD83D\ude00\b\f\n\r\t\"\\\/\u0000"}"#
        let string = JSONValue.string("Aé\u{1F600}\u{8}\u{C}\n\r\t\"\\/\u{0}").text
        #expect(try extraBody(of: #"{"extra_body":\#(body)}"#)?.text == #"{"a":\#(string)}"#)
    }

    @Test func `White space may stand between all parts`() throws {
        let spaced = "\r\n\t {\n \"extra_body\" \t:\r { \"a\" : [ 1 , [ ] , { } ] }\n}\n"
        #expect(try extraBody(of: spaced)?.text == #"{"a":[1,[],{}]}"#)
    }

    @Test(arguments: [
        "", " ", "{", "}", "[]", "1", "\"x\"", "null", "{} x", "{}{}", "{]", "a: 1", "{a: 1}", "{'a': 1}", "# comment",
        #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, #"{"a":1 "b":2}"#, #"{,}"#, #"{"a":[1,]}"#, #"{"a":[1}"#, #"{"a":nul}"#,
        #"{"a":True}"#, #"{"a":01}"#, #"{"a":+1}"#, #"{"a":1.}"#, #"{"a":.5}"#, #"{"a":1e}"#, #"{"a":-}"#,
        #"{"a":NaN}"#,
        #"{"a":0x1}"#, #"{"a":"x}"#, #"{"a":"\x"}"#, #"{"a":"\u12"}"#, #"{"a":"\u12G4"}"#, #"{"a":"\uD800"}"#,
        #"{"a":"\uD800\u0041"}"#, #"{"a":"\uDC00\uD800"}"#, "{\"a\":\"\n\"}", "{\"a\":\"\t\"}", #"{"a":1,"a":1}"#,
        #"{"extra_body":{"a":1,"a":2}}"#, #"{"a":"\"#, #"{"provider":"sim"}"#,
        "{\"extra_body\":{\"a\":" + String(repeating: "[", count: 70) + String(repeating: "]", count: 70) + "}}",
    ])
    func `What is no JSON object is an error that names the entry and not the text`(options: String) throws {
        let stored = try stored(with: options)
        #expect(stored.models.isEmpty)
        #expect(stored.issues.map(\.path) == ["models[m]"])
        #expect(stored.issues.first?.line == nil)
        #expect(stored.issues.first?.message.contains("JSON") == true || options.contains("provider"))
    }

    @Test func `Every entry that is wrong is told`() throws {
        let file = try load(simulator + "models: []").configuration
        let providers = [
            ProviderDefinition(id: "a", settings: "{"), ProviderDefinition(id: "b", settings: #"{"type":"none"}"#),
        ]
        let stored = StoredRouting.read(
            providers: providers, models: [model(options: #"{"novelty":1}"#)], file: file, references: file.references)
        #expect(stored.issues.map(\.path) == ["providers[a]", "providers[b].type", "models[m].routes[0].novelty"])
    }

    @Test func `A description that looks like a reference stays what it is`() throws {
        let text = simulator + "models: [{ id: m, description: literal.env.HOME, routes: [{ provider: sim }] }]"
        let configuration = try load(text).configuration
        #expect(configuration.models[0].description == "env.HOME")
        let stored = read(configuration, with: configuration)
        #expect(stored.models[0].description == "env.HOME")
    }

    /// The body of a stored route with these options.
    private func extraBody(of options: String) throws -> JSONValue? {
        try stored(with: options).models[0].routes[0].extraBody
    }

    private func stored(with options: String) throws -> StoredRouting {
        let file = try load(simulator + "models: []").configuration
        return StoredRouting.read(
            providers: [ProviderDefinition(id: "sim", settings: #"{"type":"simulator"}"#)],
            models: [model(options: options)], file: file, references: file.references)
    }

    private func model(options: String) -> ModelDefinition {
        let route = RouteDefinition(
            provider: "sim", upstreamModel: "m", priority: 1, weight: 1, isEnabled: true, options: options)
        return ModelDefinition(id: "m", description: nil, tags: [], rank: 1, aliasOf: nil, routes: [route])
    }

    private func credential(_ provider: ProviderConfiguration) -> Credential? {
        if case .openAICompatible(let settings) = provider.kind { settings.auth.credential?.credential } else { nil }
    }

    private func read(
        _ configuration: GatewayConfiguration, with file: GatewayConfiguration, _ references: OwnReferences? = nil
    ) -> StoredRouting {
        StoredRouting.read(
            providers: configuration.providers.map(\.definition), models: configuration.models.map(\.definition),
            file: file, references: references ?? file.references)
    }
}
