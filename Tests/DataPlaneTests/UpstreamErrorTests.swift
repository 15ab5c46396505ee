import GatewayCore
import GatewayTestSupport
import NIOCore
import Providers
import Testing

/// A failing upstream, with the caller's error.
struct FailingUpstream: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let script: [FakeUpstreamStep]
    let code: ErrorCode
    var retryAfter: String?
    var message: String?

    init(
        _ name: String, _ script: [FakeUpstreamStep], _ code: ErrorCode, retryAfter: String? = nil,
        message: String? = nil
    ) {
        testDescription = name
        self.script = script
        self.code = code
        self.retryAfter = retryAfter
        self.message = message
    }

    init(status: Int, _ code: ErrorCode, message: String? = nil) {
        let body = #"{"error":{"message":"the upstream's text","type":"x"}}"#
        self.init("status \(status)", FakeUpstreamStep.answer(status, json: body), code, message: message)
    }

    private static func ok(_ headers: String, _ body: String, then last: [FakeUpstreamStep] = []) -> [FakeUpstreamStep]
    {
        [.awaitRequest, .send("HTTP/1.1 200 OK\r\n\(headers)content-length: \(body.utf8.count)\r\n\r\n\(body)")] + last
    }

    private static let json = "content-type: application/json\r\n"

    static let all =
        statuses + answers + [
            FailingUpstream("no answer", [.awaitRequest, .close], .upstreamError),
            FailingUpstream("a reset", [.awaitRequest, .reset], .upstreamError),
            FailingUpstream("not HTTP", [.awaitRequest, .send("220 mail.test ESMTP\r\n"), .close], .upstreamError),
            FailingUpstream(
                "cut within a JSON answer",
                [.awaitRequest, .send("HTTP/1.1 200 OK\r\n\(json)content-length: 999\r\n\r\n{\"choices\":["), .close],
                .upstreamError),
            FailingUpstream(
                "cut within an error",
                [.awaitRequest, .send("HTTP/1.1 500 Oops\r\n\(json)content-length: 999\r\n\r\n{\"error\""), .close],
                .upstreamError),
            FailingUpstream("no head in time", [.awaitRequest], .upstreamTimeout),
            FailingUpstream(
                "no body in time", [.awaitRequest, .send("HTTP/1.1 200 OK\r\n\(json)content-length: 999\r\n\r\n{")],
                .upstreamTimeout),
        ]

    static let statuses = [
        FailingUpstream(status: 401, .upstreamRejectedCredentials),
        FailingUpstream(status: 403, .upstreamRejectedCredentials),
        FailingUpstream(status: 402, .upstreamError),
        FailingUpstream(status: 404, .upstreamError),
        FailingUpstream(status: 408, .upstreamTimeout),
        FailingUpstream(status: 500, .upstreamError),
        FailingUpstream(status: 502, .upstreamError),
        FailingUpstream(status: 503, .upstreamError),
        FailingUpstream(status: 504, .upstreamTimeout),
        FailingUpstream(status: 529, .upstreamError),
        FailingUpstream(status: 302, .upstreamError),
        FailingUpstream(
            "status 429",
            [.awaitRequest, .sendHead(429, [("retry-after", "7"), ("content-length", "0")])], .upstreamRateLimited,
            retryAfter: "7"),
    ]

    static let answers = [
        FailingUpstream("200 with an error", ok(json, #"{"error":{"message":"out of memory"}}"#), .upstreamError),
        FailingUpstream("200 with HTML", ok("content-type: text/html\r\n", "<html>"), .upstreamError),
        FailingUpstream("200 with events", ok("content-type: text/event-stream\r\n", "data: {}\n\n"), .upstreamError),
        FailingUpstream("200 with nothing", ok(json, ""), .upstreamError),
        FailingUpstream("200 with bad JSON", ok(json, #"{"choices":[}"#), .upstreamError),
        FailingUpstream("200 with half of it", ok(json, #"{"choices":["#), .upstreamError),
        FailingUpstream("200 without choices", ok(json, "{}"), .upstreamError),
        FailingUpstream("200 with an array", ok(json, "[]"), .upstreamError),
        FailingUpstream(
            "an encoded answer", ok(json + "content-encoding: gzip\r\n", Answers.completion), .upstreamError),
    ]
}

@Suite(.timeLimit(.minutes(1))) struct UpstreamErrorTests {
    static let timeouts = ProviderTimeouts(
        connect: .seconds(2), head: .seconds(2), streamHead: .seconds(2), idle: .seconds(2))

    @Test(arguments: FailingUpstream.all) func `Is told to the caller`(failing: FailingUpstream) async throws {
        try await withFakeUpstream(script: failing.script) { upstream in
            try await withGateway(GatewaySetup(upstream, timeouts: Self.timeouts)) { gateway in
                try await withRawClient(port: gateway.port) { client in
                    try await client.send(Requests.chat())
                    let answer = try await client.response()
                    let error = try answer.errorBody()
                    #expect(answer.status == failing.code.status)
                    #expect(error.code == failing.code.rawValue, "\(error)")
                    #expect(error.type == failing.code.type)
                    #expect(answer.headers("retry-after") == (failing.retryAfter.map { [$0] } ?? []))
                    #expect(answer.headers("x-gateway-provider") == ["fake"])
                    if let message = failing.message {
                        #expect(error.message == message)
                    } else {
                        #expect(!error.message.contains("upstream's text") && !error.message.contains("memory"))
                    }
                    #expect(upstream.requests.count == 1, "the request was sent more than once")
                    // The caller's own connection is not at fault.
                    try await client.send(Requests.get("/v1/models"))
                    #expect(try await client.response(1).status == 200)
                }
            }
        }
    }

    @Test(arguments: [400, 413, 422])
    func `An answer about the request is relayed as it came`(status: Int) async throws {
        let body = #"{ "error":{"message":"the upstream's text","code":"context_length_exceeded","more":[1.0]} }"#
        try await withFakeUpstream(script: FakeUpstreamStep.answer(status, json: body)) { upstream in
            try await withGateway(GatewaySetup(upstream, timeouts: Self.timeouts)) { gateway in
                let answer = try await gateway.answer(to: Requests.chat())
                #expect(answer.status == status && answer.text == body)
                #expect(answer.headers("content-type") == ["application/json"])
                #expect(answer.headers("x-gateway-provider") == ["fake"] && answer.headers("x-request-id").count == 1)
                #expect(upstream.requests.count == 1)
            }
        }
    }

    @Test func `An answer about the request that quotes the credential is told without it, and cut`() async throws {
        let long = String(repeating: "é", count: 5000)
        let body = #"{"error":{"message":"bad key \#(GatewaySetup.credential)!\#(long)","type":"t","code":"c"}}"#
        try await withFakeUpstream(script: FakeUpstreamStep.answer(400, json: body)) { upstream in
            try await withGateway(GatewaySetup(upstream, timeouts: Self.timeouts)) { gateway in
                let answer = try await gateway.answer(to: Requests.chat())
                let error = try answer.errorBody()
                #expect(error.message.hasPrefix("bad key \(Secret.mask)!é") && error.message.utf8.count <= 2048)
                #expect(error.type == "t" && error.code == "c")
            }
        }
    }

    @Test(arguments: [(404, true), (403, true), (503, false)])
    func `A failure that a retry cannot change is marked for the SDKs`(status: Int, isLasting: Bool) async throws {
        try await withFakeUpstream(script: FakeUpstreamStep.answer(status, json: "{}")) { upstream in
            try await withGateway(GatewaySetup(upstream, timeouts: Self.timeouts)) { gateway in
                let answer = try await gateway.answer(to: Requests.chat())
                #expect(answer.status == 502)
                #expect(answer.headers("x-should-retry") == (isLasting ? ["false"] : []))
            }
        }
    }

    @Test(arguments: ["text/plain", "application/octet-stream", "application/json; charset=utf-8", "text/event-stream"])
    func `An answer is read by its bytes, not by its type`(type: String) async throws {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: \(type)\r\nconnection: close\r\n\r\n"
        let stream = Answers.content("hello") + Answers.finish + Answers.done
        for (isStream, body) in [(false, Answers.completion), (true, stream)] {
            let script: [FakeUpstreamStep] = [.awaitRequest, .send(head + body), .close]
            try await withFakeUpstream(script: script) { upstream in
                try await withGateway(GatewaySetup(upstream, timeouts: Self.timeouts)) { gateway in
                    let answer = try await gateway.answer(to: Requests.chat(stream: isStream))
                    #expect(answer.status == 200 && answer.text.contains("hello"))
                }
            }
        }
    }

    @Test func `An upstream that is not there is unreachable`() async throws {
        try await withPortWithoutListener { port in
            try await withGateway(GatewaySetup(upstreamPort: port)) { gateway in
                let answer = try await gateway.answer(to: Requests.chat())
                #expect(answer.status == 502)
                #expect(try answer.errorBody().code == "upstream_unreachable")
                #expect(!answer.text.contains("127.0.0.1"), "the operator's addresses are not the caller's business")
            }
        }
    }

    /// The gateway cancels a late upstream, so that it costs nothing more.
    @Test func `A late upstream is cancelled`() async throws {
        try await withFakeUpstream(script: [.awaitRequest]) { upstream in
            try await withGateway(GatewaySetup(upstream, timeouts: Self.timeouts)) { gateway in
                _ = try await gateway.answer(to: Requests.chat())
                try await upstream.connection().clientLeft()
            }
        }
    }
}
