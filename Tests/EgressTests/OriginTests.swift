import Egress
import Testing

@Suite struct OriginTests {
    @Test func `An origin is its address and its trust roots`() throws {
        let tls = try UpstreamTLS()
        let origins: [UpstreamOrigin] = [
            UpstreamOrigin(host: "a", port: 1, tls: nil), UpstreamOrigin(host: "a", port: 2, tls: nil),
            UpstreamOrigin(host: "b", port: 1, tls: nil), UpstreamOrigin(host: "a", port: 1, tls: tls),
            UpstreamOrigin(host: "a", port: 1, tls: try UpstreamTLS()), .unix(path: "a"), .unix(path: "b"),
            .unix(path: "localhost"), UpstreamOrigin(host: "localhost", port: 80, tls: nil),
        ]
        #expect(Set(origins).count == origins.count)
        for origin in origins { #expect(origins.filter { $0 == origin }.count == 1) }
        #expect(UpstreamOrigin.unix(path: "a") == .unix(path: "a"))
        #expect(UpstreamOrigin.unix(path: "a").hashValue == UpstreamOrigin.unix(path: "a").hashValue)
        #expect(UpstreamOrigin(host: "a", port: 1, tls: tls) == UpstreamOrigin(host: "a", port: 1, tls: tls))
    }

    @Test func `Messages name the socket but the head does not`() {
        let origin = UpstreamOrigin.unix(path: "/run/control.sock")
        #expect(origin.authority == "localhost")
        #expect(origin.name == "unix:/run/control.sock")
        #expect(UpstreamOrigin(host: "a", port: 81, tls: nil).name == "a:81")
    }
}
