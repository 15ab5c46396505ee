import Egress
import GatewayTestSupport
import NIOCore
import NIOHTTP1
import Testing

/// Methods, and how the head announces the body.
@Suite(.timeLimit(.minutes(1))) struct MethodTests {
    @Test(
        arguments: [
            (.GET, .absent, nil, nil), (.DELETE, .absent, nil, nil), (.POST, .absent, "0", nil),
            (.PUT, .absent, "0", nil),
            (.PATCH, .absent, "0", nil), (.OPTIONS, .absent, nil, nil), (.POST, .slices([]), "0", nil),
            (.GET, .slices([ByteBuffer(string: "ab")]), "2", nil), (.PATCH, .streamed(length: 2), "2", nil),
            (.DELETE, .streamed(length: 2), "2", nil), (.PUT, .streamed(length: nil), nil, "chunked"),
            (.GET, .streamed(length: nil), nil, "chunked"),
        ] as [(HTTPMethod, UpstreamRequest.Body, String?, String?)])
    func `The framing matches the body`(
        method: HTTPMethod, body: UpstreamRequest.Body, length: String?, encoding: String?
    ) async throws {
        let script = FakeUpstreamStep.answer(json: "{}") + FakeUpstreamStep.answer(json: "{}")
        try await withFakeUpstream(script: script) { upstream in
            try await withPool { pool in
                // The second call shows that the upstream takes the first for complete.
                for _ in 0..<2 {
                    let call = try await pool.send(.to(port: upstream.port, method: method, body: body)) { call in
                        call.send(ByteBuffer(string: "ab"))
                        call.finishBody()
                    }
                    #expect(try await call.end().text == "{}")
                }
                for request in upstream.requests {
                    #expect(request.startLine == "\(method.rawValue) /v1/chat/completions?a=b HTTP/1.1")
                    #expect(request.headers("content-length") == (length.map { [$0] } ?? []))
                    #expect(request.headers("transfer-encoding") == (encoding.map { [$0] } ?? []))
                    let isEmpty = length == "0" || (length == nil && encoding == nil)
                    #expect(String(decoding: request.body, as: UTF8.self) == (isEmpty ? "" : "ab"))
                }
                #expect(upstream.connections.count == 1)
            }
        }
    }

    @Test func `The answer to HEAD has no body`() async throws {
        let head: [FakeUpstreamStep] = [.awaitRequest, .sendHead(200, [("content-length", "9")])]
        try await withFakeUpstream(script: head + head) { upstream in
            try await withPool { pool in
                for _ in 0..<2 {
                    let received = try await pool.send(.to(port: upstream.port, method: .HEAD, body: .absent)).end()
                    #expect(received.events == ["head", "end"])
                    #expect(received.headers["content-length"] == ["9"])
                }
                #expect(upstream.connections.count == 1)
            }
        }
    }
}
