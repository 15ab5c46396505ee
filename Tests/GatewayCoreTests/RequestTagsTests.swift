import GatewayCore
import Testing

@Suite struct RequestTagsTests {
    private func tags(_ headers: [(String, String)]) throws -> RequestTags {
        var tags = RequestTags()
        for (name, value) in headers { _ = try tags.take(name, value) }
        return tags
    }

    @Test func `The four headers are taken, and no other`() throws {
        var all = try tags([
            ("x-gateway-service", "billing"), ("x-gateway-component", "api/v2"), ("x-gateway-env", "prod:eu-1"),
            ("x-gateway-tags", "feature=summary; run.id=a_b.c:/-1 ;z9=X"),
        ])
        #expect(all.service == "billing" && all.component == "api/v2" && all.env == "prod:eu-1")
        #expect(all.tags.map(\.key) == ["feature", "run.id", "z9"])
        #expect(all.tags.map(\.value) == ["summary", "a_b.c:/-1", "X"])
        let isTaken = try all.take("x-gateway-request-id", "whatever it says")
        #expect(!isTaken)
    }

    @Test func `Lengths are taken to their limits`() throws {
        let (key, value) = ("k" + String(repeating: "0", count: 31), String(repeating: "v", count: 64))
        #expect(try tags([("x-gateway-tags", "\(key)=\(value)")]).tags.count == 1)
        #expect(try tags([("x-gateway-service", value)]).service == value)
        let five = (1...5).map { "k\($0)=v" }.joined(separator: ";")
        #expect(try tags([("x-gateway-tags", five)]).tags.count == 5)
    }

    @Test(arguments: [
        "", ";", "a", "a=", "=b", "a=b;", ";a=b", "a=b;;c=d", "A=b", "1a=b", "a b=c", "a=b c", "a=b=c", "a=ü", "ä=b",
        "a=b,c=d",
        "a=b;a=c", "service=x", "component=x", "env=x", "a=1;b=2;c=3;d=4;e=5;f=6",
        "k" + String(repeating: "0", count: 32) + "=v", "k=" + String(repeating: "v", count: 65),
    ])
    func `A broken list is refused by the header's name`(text: String) throws {
        let error = #expect(throws: GatewayError.self) { try tags([("x-gateway-tags", text)]) }
        #expect(error?.code == .invalidTags && error?.param == "x-gateway-tags")
        #expect(error?.message.contains("x-gateway-tags") == true)
    }

    @Test(arguments: ["", " ", "a b", "ü", "a;b", "a=b", String(repeating: "v", count: 65)])
    func `A broken value is refused by the header's name`(text: String) {
        for name in ["x-gateway-service", "x-gateway-component", "x-gateway-env"] {
            let error = #expect(throws: GatewayError.self) { try tags([(name, text)]) }
            #expect(error?.code == .invalidTags && error?.param == name)
        }
    }

    @Test(arguments: ["x-gateway-service", "x-gateway-component", "x-gateway-env", "x-gateway-tags"])
    func `A header that comes twice is refused`(name: String) {
        let value = name == "x-gateway-tags" ? "a=b" : "x"
        let error = #expect(throws: GatewayError.self) { try tags([(name, value), (name, value)]) }
        #expect(error?.param == name)
    }
}
