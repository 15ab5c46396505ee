import GatewayConfig
import Testing

@Suite("Odd documents")
struct OddDocumentTests {
    @Test(arguments: ["", "\n", "# only a comment\n"])
    func `A document without content is an error with a hint`(_ text: String) {
        #expect(errors(text).map(\.message) == ["the file is empty; it needs at least `providers` and `models`"])
    }

    @Test(arguments: ["- a\n- b", "text", "12", "[]"])
    func `The top level must be a mapping`(_ text: String) {
        let found = errors(text)
        #expect(found.map(\.message) == ["must be a mapping of keys to values"])
        #expect(found.first?.description.hasPrefix("gateway.yaml:1:1: must be") == true)
    }

    @Test func `Broken YAML is told with its place`() {
        #expect(errors("server:\n\tbind: x").first?.line == 2)
        #expect(errors("server:\n\tbind: x").first?.message.contains("never tabs") == true)
        #expect(errors("server: { bind: x").first?.message.hasPrefix("not valid YAML") == true)
        #expect(errors("a: 1\n---\nb: 2").first?.message.hasPrefix("not valid YAML") == true)
        #expect(errors("a: *nowhere").first?.message.contains("alias") == true)
    }

    @Test func `Line ends, a byte order mark and a document marker do not matter`() throws {
        let text = "---\nserver:\n  bind: 127.0.0.1:9\n  log_level: debug\n"
        for variant in [text, "\u{FEFF}" + text, text.replacing("\n", with: "\r\n")] {
            let server = try load(variant).configuration.server
            #expect(server.bind.port == 9)
            #expect(server.logLevel == .debug)
        }
        #expect(errors("server:\r\n  bind: x\r\n  zz: 1\r\n").map(\.line) == [2, 3])
    }

    @Test func `Anchors and aliases are followed`() throws {
        let text = """
            providers:
              - { id: a, type: simulator, timeouts: &slow { idle_ms: 5 } }
              - { id: b, type: simulator, timeouts: *slow }
            """
        #expect(try load(text).configuration.providers.map(\.timeouts.idle) == [5, 5])
    }

    @Test func `Nested aliases cannot fill the memory`() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...12 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(aliases)]\n"
        }
        #expect(errors(text).first?.message.contains("after its aliases are expanded") == true)
    }

    /// Comparing such keys with their aliases expanded would take hours.
    @Test(arguments: [
        "? *a20\n: x\n", "*a20 : x\n", "b: { ? *a20 : x }\n", "b: { [*a20]: x }\n", "? [*a20, *a20]\n: x\n",
    ])
    func `Nested aliases in a key cannot occupy a processor`(key: String) {
        var text = "a0: &a0 [x, x]\n"
        for level in 1...20 { text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1), *a\(level - 1)]\n" }
        let found = errors(text + key)
        #expect(found.map(\.message) == ["a key must be a plain name, not an alias, a list or a mapping"])
        #expect(found.first?.line == 22)
    }

    @Test func `Depth and size are bounded`() {
        let deep = String(repeating: "[", count: 200) + String(repeating: "]", count: 200)
        #expect(errors("a: " + deep).first?.message.contains("nested") == true)
        let abyss = String(repeating: "[", count: 100_000)
        #expect(errors("a: " + abyss).count == 1)
        #expect(errors("a: b\n#" + String(repeating: "x", count: 5 << 20)).first?.message.contains("larger") == true)
    }

    @Test func `Keys must be names`() {
        #expect(errors("? [a, b]\n: c").map(\.message) == ["a key must be a plain name"])
        #expect(errors("\"a\\nb\\u001b[31m\": 1").first?.path == "a?b?[31m")
        let long = String(repeating: "k", count: 900)
        #expect(errors("\(long): 1").first.map { $0.path.count < 70 } == true)
    }
}
