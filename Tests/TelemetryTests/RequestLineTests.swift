import Foundation
import GatewayCore
import NIOCore
import Telemetry
import Testing

@Suite struct RequestLineTests {
    private func line(_ exchange: Exchange, _ format: LogFormat) -> String {
        var buffer = ByteBuffer()
        RequestLine.append(exchange, format: format, to: &buffer)
        return String(buffer: buffer)
    }

    private var answered: Exchange {
        // 2026-02-28T23:59:59.999000Z, so that adding the duration crosses into March.
        var exchange = Exchange(
            id: "019c0000-0000-7000-8000-000000000001", requestID: "req-1", receivedAt: 1_772_323_199_999_000,
            method: "POST", path: "/v1/chat/completions")
        exchange.caller = Caller(keyID: "k1", keyPublicID: "abcdEFGH")
        exchange.requestedModel = "smart"
        exchange.resolvedModel = "gpt-large"
        exchange.isStream = true
        var attempt = Attempt(provider: "openai", route: "gpt-large/1", upstreamModel: "gpt", startedAfter: 100)
        attempt.status = 200
        exchange.attempts = [attempt]
        exchange.firstByteAfter = 1_005
        exchange.endedAfter = 12_345
        exchange.status = 200
        exchange.usage = TokenUsage(promptTokens: 12, completionTokens: 345)
        exchange.endReason = .complete
        return exchange
    }

    private var refused: Exchange {
        var exchange = Exchange(id: "id-2", requestID: "req-2", receivedAt: 0, method: "GET", path: "/v1/nothing here")
        exchange.endedAfter = 7
        exchange.status = 404
        exchange.endReason = .refused
        exchange.error = GatewayError(.notFound, "No such path.", cause: "path=\"odd\"", source: .client)
        return exchange
    }

    @Test func `An answered request, as JSON`() {
        #expect(
            line(answered, .json)
                == #"{"time":"2026-03-01T00:00:00.011345Z","level":"info","message":"request","#
                + #""logger":"gateway.request","status":200,"method":"POST","path":"/v1/chat/completions","#
                + #""key":"abcdEFGH","model":"smart","resolved_model":"gpt-large","provider":"openai","#
                + #""route":"gpt-large/1","attempts":1,"stream":true,"duration_ms":12.345,"first_byte_ms":1.005,"#
                + #""prompt_tokens":12,"completion_tokens":345,"end_reason":"complete","request_id":"req-1","#
                + #""gateway_request_id":"019c0000-0000-7000-8000-000000000001"}"# + "\n")
    }

    @Test func `An answered request, for people`() {
        #expect(
            line(answered, .pretty)
                == "2026-03-01T00:00:00.011345Z info     request logger=gateway.request status=200 method=POST "
                + "path=/v1/chat/completions key=abcdEFGH model=smart resolved_model=gpt-large provider=openai "
                + "route=gpt-large/1 attempts=1 stream=true duration_ms=12.345 first_byte_ms=1.005 prompt_tokens=12 "
                + "completion_tokens=345 end_reason=complete request_id=req-1 "
                + "gateway_request_id=019c0000-0000-7000-8000-000000000001\n")
    }

    @Test func `A refused request, as JSON`() {
        #expect(
            line(refused, .json)
                == #"{"time":"1970-01-01T00:00:00.000007Z","level":"info","message":"request","#
                + #""logger":"gateway.request","status":404,"method":"GET","path":"/v1/nothing here","attempts":0,"#
                + #""stream":false,"duration_ms":0.007,"end_reason":"refused","request_id":"req-2","#
                + #""gateway_request_id":"id-2","error":"not_found","cause":"path=\"odd\""}"# + "\n")
    }

    @Test func `A refused request, for people`() {
        #expect(
            line(refused, .pretty)
                == "1970-01-01T00:00:00.000007Z info     request logger=gateway.request status=404 method=GET "
                + #"path="/v1/nothing here" attempts=0 stream=false duration_ms=0.007 end_reason=refused "#
                + #"request_id=req-2 gateway_request_id=id-2 error=not_found cause="path=\"odd\"""# + "\n")
    }

    @Test(
        arguments: [
            "a\n{\"level\":\"info\"}", "a\r\nb", "\u{1B}[2J\u{1B}]0;title\u{07}", "\u{9B}31m", "a\u{7F}\u{08}b",
            "\u{0}",
            "line\u{2028}paragraph\u{2029}", "\u{85}next", "\u{202E}gnp.exe\u{2066}", "quote\" status=500",
            "back\\slash",
            "a status=500", "ünïcode 🐝 stays", "",
        ])
    func `No caller can forge a line or command a terminal`(text: String) throws {
        var exchange = Exchange(id: "id", requestID: text, receivedAt: 0, method: text, path: text)
        exchange.requestedModel = text
        for format in LogFormat.allCases {
            let line = line(exchange, format)
            let scalars = line.dropLast().unicodeScalars
            #expect(line.hasSuffix("\n"))
            #expect(!scalars.contains { $0.properties.generalCategory == .control })
            #expect(!scalars.contains { $0.properties.generalCategory == .lineSeparator })
            #expect(!scalars.contains { $0.properties.generalCategory == .paragraphSeparator })
            #expect(!scalars.contains { (0x202A...0x202E).contains($0.value) || (0x2066...0x2069).contains($0.value) })
        }
        #expect(!line(exchange, .pretty).contains(" status=500 "))
        let object = try JSONSerialization.jsonObject(with: Data(line(exchange, .json).utf8))
        let fields = try #require(object as? [String: Any])
        for name in ["method", "path", "model", "request_id"] { #expect(fields[name] as? String == text) }
    }

    @Test func `A long text is cut between characters`() throws {
        let path = "/" + String(repeating: "é", count: 400)
        let exchange = Exchange(id: "id", requestID: "r", receivedAt: 0, method: "GET", path: path)
        let object = try JSONSerialization.jsonObject(with: Data(line(exchange, .json).utf8))
        let shown = try #require((object as? [String: Any])?["path"] as? String)
        #expect(shown == "/" + String(repeating: "é", count: 255) + "…")
    }

    @Test(
        arguments: [
            (951_782_399, "2000-02-28T23:59:59"), (951_782_400, "2000-02-29T00:00:00"), (-1, "1969-12-31T23:59:59"),
            (4_107_542_399, "2100-02-28T23:59:59"), (4_107_542_400, "2100-03-01T00:00:00"),
            (253_402_300_799, "9999-12-31T23:59:59"),
        ] as [(Int64, String)])
    func `Times follow the calendar`(seconds: Int64, expected: String) {
        let exchange = Exchange(id: "i", requestID: "r", receivedAt: seconds * 1_000_000, method: "GET", path: "/")
        #expect(line(exchange, .pretty).hasPrefix(expected + ".000000Z "))
    }
}
