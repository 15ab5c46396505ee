import DataPlane
import NIOHTTP1
import Testing

@Suite struct ForwardedHeadersTests {
    private func request(_ headers: HTTPHeaders, isEncrypted: Bool = false) -> HTTPHeaders {
        ForwardedHeaders.request(headers, client: "192.0.2.7", isEncrypted: isEncrypted, requestID: "r-1")
    }

    @Test(arguments: [
        "Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authorization", "Proxy-Authenticate", "TE", "Trailer",
        "Transfer-Encoding", "Upgrade",
    ])
    func `A hop-by-hop field passes in neither direction`(name: String) {
        #expect(!request([name: "x"]).contains(name: name))
        #expect(!ForwardedHeaders.response([name: "x"], requestID: "r-1").contains(name: name))
    }

    @Test func `A field that Connection lists passes in neither direction`() {
        let headers: HTTPHeaders = [
            "Connection": "close, X-Hop", "connection": " x-Other ", "x-hop": "1", "X-OTHER": "2", "x-end": "3",
        ]
        for forwarded in [request(headers), ForwardedHeaders.response(headers, requestID: "r-1")] {
            #expect(!forwarded.contains(name: "x-hop") && !forwarded.contains(name: "x-other"))
            #expect(forwarded["x-end"] == ["3"])
        }
    }

    @Test func `Every other field passes as it was sent, in its order`() {
        let headers: HTTPHeaders = ["Cookie": "a=1", "authorization": "Bearer x", "cookie": "b=2", "If-Match": "\"3\""]
        #expect(request(headers).map(\.name).prefix(4) == ["Cookie", "authorization", "cookie", "If-Match"])
        let response: HTTPHeaders = [
            "Set-Cookie": "a=1", "set-cookie": "b=2", "location": "/admin", "content-length": "3",
        ]
        #expect(
            ForwardedHeaders.response(response, requestID: "r-1").map(\.value).prefix(4) == [
                "a=1", "b=2", "/admin", "3",
            ])
    }

    @Test func `What a client claims about itself is replaced`() {
        let forwarded = request([
            "X-Forwarded-For": "203.0.113.9", "x-forwarded-for": "198.51.100.1", "X-Forwarded-Proto": "https",
            "x-forwarded-host": "evil.test", "Forwarded": "for=203.0.113.9", "x-real-ip": "203.0.113.9",
            "x-request-id": "theirs", "host": "gateway.test", "content-length": "9", "expect": "100-continue",
        ])
        #expect(forwarded["x-forwarded-for"] == ["192.0.2.7"])
        #expect(forwarded["x-forwarded-proto"] == ["http"])
        #expect(forwarded["x-forwarded-host"] == ["gateway.test"])
        #expect(forwarded["x-request-id"] == ["r-1"])
        for name in ["forwarded", "x-real-ip", "host", "content-length", "expect"] {
            #expect(!forwarded.contains(name: name))
        }
        #expect(request([:], isEncrypted: true)["x-forwarded-proto"] == ["https"])
    }

    /// `Connection: x-forwarded-for` is an old way to make a proxy drop what it should add.
    @Test func `A client cannot have the gateway's own fields removed`() {
        let forwarded = request(["connection": "x-forwarded-for, x-request-id, x-forwarded-proto"])
        #expect(forwarded["x-forwarded-for"] == ["192.0.2.7"])
        #expect(forwarded["x-request-id"] == ["r-1"])
        #expect(forwarded["x-forwarded-proto"] == ["http"])
    }

    @Test func `A response gets a request id unless it has one`() {
        #expect(ForwardedHeaders.response([:], requestID: "r-1")["x-request-id"] == ["r-1"])
        #expect(ForwardedHeaders.response(["X-Request-ID": "own"], requestID: "r-1")["x-request-id"] == ["own"])
    }

    @Test func `A length beside a transfer coding does not pass`() {
        let headers: HTTPHeaders = ["transfer-encoding": "chunked", "content-length": "3"]
        #expect(!ForwardedHeaders.response(headers, requestID: "r-1").contains(name: "content-length"))
    }
}
