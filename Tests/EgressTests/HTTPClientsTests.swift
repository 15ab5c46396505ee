import Egress
import GatewayCore
import GatewayTestSupport
import NIOCore
import NIOHTTP1
import Testing

/// Calls that are not of the data plane.
@Suite(.timeLimit(.minutes(1))) struct HTTPClientsTests {
    private static let limits = HTTPClients.Limits(total: .seconds(9), maxBytes: 1000)

    private func get(
        _ upstream: FakeUpstream, headers: HTTPHeaders = [:], limits: HTTPClients.Limits = Self.limits,
        proxy: EgressProxy? = nil, direct: Bool = false
    ) async throws -> Result<HTTPClients.Answer, HTTPFailure> {
        try await get("\(upstream.url)/a?b=c", headers, limits, proxy, direct: direct)
    }

    private func get(
        _ url: String, _ headers: HTTPHeaders = [:], _ limits: HTTPClients.Limits = Self.limits,
        _ proxy: EgressProxy? = nil,
        direct: Bool = false
    ) async throws -> Result<HTTPClients.Answer, HTTPFailure> {
        let clients = HTTPClients(proxy: proxy) { _ in direct }
        let result: Result<HTTPClients.Answer, HTTPFailure>
        do throws(HTTPFailure) {
            result = .success(try await clients.get(url, host: "127.0.0.1", headers: headers, limits: limits))
        } catch {
            result = .failure(error)
        }
        await clients.shutdown()
        return result
    }

    private func failure(_ result: Result<HTTPClients.Answer, HTTPFailure>) -> HTTPFailure? {
        if case .failure(let failure) = result { failure } else { nil }
    }

    @Test func `An answer comes with its status, headers and body`() async throws {
        try await withFakeUpstream(script: FakeUpstreamStep.answer(404, json: #"{"a":1}"#)) { upstream in
            let answer = try await get(upstream, headers: ["if-none-match": "\"x\""]).get()
            #expect(answer.status == 404 && String(buffer: answer.body) == #"{"a":1}"#)
            #expect(answer.headers.first(name: "content-type") == "application/json")
            let request = try #require(upstream.requests.first)
            #expect(request.startLine == "GET /a?b=c HTTP/1.1" && request.headers("if-none-match") == ["\"x\""])
            #expect(request.headers("accept-encoding") == [])
        }
    }

    @Test func `A redirect is an answer, and is not followed`() async throws {
        let script: [FakeUpstreamStep] = [
            .awaitRequest, .sendHead(302, [("location", "/elsewhere"), ("content-length", "0")]), .awaitRequest,
        ]
        try await withFakeUpstream(script: script) { upstream in
            let answer = try await get(upstream).get()
            #expect(answer.status == 302 && upstream.requests.count == 1)
        }
    }

    @Test func `A body over the limit is refused by its length, before it comes`() async throws {
        let script: [FakeUpstreamStep] = [.awaitRequest, .sendHead(200, [("content-length", "1001")])]
        try await withFakeUpstream(script: script) { upstream in
            let result = try await get(upstream)
            #expect(failure(result) == .tooLarge(1000))
        }
    }

    @Test func `A body over the limit without a length is refused while it comes`() async throws {
        let part = FakeUpstreamStep.chunk(String(repeating: "x", count: 600))
        let script: [FakeUpstreamStep] = [
            .awaitRequest, .sendHead(200, [("transfer-encoding", "chunked")]), .repeating([part]),
        ]
        try await withFakeUpstream(script: script) { upstream in
            let result = try await get(upstream)
            #expect(failure(result) == .tooLarge(1000))
            _ = try await upstream.connection().clientLeft()
        }
    }

    @Test(
        arguments: [
            [.awaitRequest],
            [.awaitRequest, .sendHead(200, [("content-length", "10")]), .send("{")],
            [
                .awaitRequest, .sendHead(200, [("transfer-encoding", "chunked")]),
                .repeating([.chunk("x"), .delay(.milliseconds(20))]),
            ],
        ] as [[FakeUpstreamStep]])
    func `The time limit covers head and body, also of a server that drips`(script: [FakeUpstreamStep]) async throws {
        let limits = HTTPClients.Limits(total: .milliseconds(400), maxBytes: 1 << 20)
        try await withFakeUpstream(script: script) { upstream in
            let result = try await get(upstream, limits: limits)
            #expect(failure(result) == .timedOut(.milliseconds(400)))
            _ = try await upstream.connection().clientLeft(within: .seconds(30))
        }
    }

    @Test func `A cut answer is broken`() async throws {
        let script: [FakeUpstreamStep] = [
            .awaitRequest, .sendHead(200, [("content-length", "10")]), .send("{"), .close,
        ]
        try await withFakeUpstream(script: script) { upstream in
            let result = try await get(upstream)
            guard case .broken? = failure(result) else {
                Issue.record("\(result)")
                return
            }
        }
    }

    /// The library would try for ten seconds, which is beyond the limit.
    @Test func `A refused connection is told at once, without the address's path`() async throws {
        try await withPortWithoutListener { port in
            let result = try await get("http://127.0.0.1:\(port)/secret-path")
            guard case .unreachable(let reason)? = failure(result) else {
                Issue.record("\(result)")
                return
            }
            #expect(!reason.contains("secret-path"))
        }
    }

    @Test func `A certificate that is not trusted is refused`() async throws {
        let context = try TestCertificates.shared().good.serverContext()
        try await withFakeUpstream(tls: context, script: FakeUpstreamStep.answer(json: "{}")) { upstream in
            let result = try await get(upstream)
            #expect(failure(result) != nil && upstream.requests.isEmpty)
        }
    }

    @Test(arguments: [false, true])
    func `The proxy is used, unless the host is reached directly`(isDirect: Bool) async throws {
        try await withFakeUpstream(script: FakeUpstreamStep.answer(json: "{}")) { upstream in
            try await ConnectProxy.with { proxy in
                let way = EgressProxy(host: "127.0.0.1", port: proxy.port, credentials: Secret("user:canary"))
                let answer = try await get(upstream, proxy: way, direct: isDirect).get()
                #expect(answer.status == 200 && proxy.heads.value.count == (isDirect ? 0 : 1))
                #expect(upstream.requests.allSatisfy { $0.headers("proxy-authorization").isEmpty })
                if let head = proxy.heads.value.first {
                    #expect(head.hasPrefix("CONNECT 127.0.0.1:\(upstream.port) HTTP/1.1\r\n"))
                    #expect(head.lowercased().contains("proxy-authorization: basic dxnlcjpjyw5hcnk="))
                }
            }
        }
    }

    @Test func `A cancelled call ends at once`() async throws {
        try await withFakeUpstream(script: [.awaitRequest]) { upstream in
            let patient = HTTPClients.Limits(total: .seconds(50), maxBytes: 1000)
            let call = Task { try await get(upstream, limits: patient) }  // reason: the task is what is cancelled
            _ = try await upstream.request(within: .seconds(30))
            call.cancel()
            let result = try await call.value
            #expect(failure(result) == .cancelled)
            _ = try await upstream.connection().clientLeft()
        }
    }
}
