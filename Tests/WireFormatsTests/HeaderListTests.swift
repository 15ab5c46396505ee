import GatewayCore
import Testing
import WireFormats

/// Which headers pass between callers and providers.
@Suite struct HeaderListTests {
    @Test(arguments: [
        "OpenAI-Beta", "session-id", "session_id", "thread-id", "originator", "x-codex-turn-metadata",
        "X-Codex-Window-Id", "x-openai-subagent",
    ])
    func `A provider of responses gets what Codex sends`(name: String) {
        #expect(APIOperation.responses.family.requestHeaders.contains(name))
        #expect(APIOperation.chat.family.requestHeaders.contains(name) == (name == "OpenAI-Beta"))
        #expect(!APIOperation.embeddings.family.requestHeaders.contains(name))
    }

    @Test(arguments: [
        "Authorization", "x-api-key", "Cookie", "Host", "Content-Length", "Content-Encoding", "Transfer-Encoding",
        "x-gateway-tags", "Proxy-Authorization", "user-agent", "Idempotency-Key", "x-request-id",
    ])
    func `No other header passes`(name: String) {
        for operation in APIOperation.allCases {
            #expect(!operation.family.requestHeaders.contains(name))
            #expect(!operation.family.responseHeaders.contains(name))
        }
    }

    @Test func `The caller gets the state of a turn, and nothing about the gateway's account`() {
        let list = APIOperation.responses.family.responseHeaders
        #expect(list.contains("X-Codex-Turn-State"))
        for name in [
            "x-codex-primary-used-percent", "openai-organization", "x-ratelimit-remaining-requests", "set-cookie",
        ] {
            #expect(!list.contains(name))
        }
    }
}
