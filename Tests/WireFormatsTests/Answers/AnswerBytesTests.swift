import GatewayCore
import NIOCore
import Testing
import WireFormats

struct AnswerBytesTests {
    @Test func `Envelope of an error`() {
        let error = GatewayError(.modelNotFound, "No \"x\" here.", param: "model", cause: "secret", source: .client)
        let json =
            #"{"error":{"message":"No \"x\" here.","type":"not_found_error","code":"model_not_found","param":"model","request_id":"r\\1"}}"#
        for operation in APIOperation.allCases {
            #expect(String(buffer: operation.family.errorBody(error, requestID: "r\\1")) == json)
        }
        for operation in [APIOperation.chat, .embeddings] {
            let event = operation.family.errorEvent(error, requestID: "r\\1", sequenceNumber: 0)
            #expect(String(buffer: event) == "data: \(json)\n\n")
        }
    }

    @Test func `Envelope without param`() {
        let error = GatewayError(.overloaded, "Busy.", source: .gateway)
        let json =
            #"{"error":{"message":"Busy.","type":"server_error","code":"overloaded","param":null,"request_id":""}}"#
        for operation in APIOperation.allCases {
            #expect(String(buffer: operation.family.errorBody(error, requestID: "")) == json)
        }
    }

    @Test func `Lists models`() {
        let one = ModelList.Model(id: "team/a\"b", created: 1_700_000_000, ownedBy: "sluice")
        let json =
            #"{"id":"team/a\"b","object":"model","created":1700000000,"owned_by":"sluice","#
            + #""type":"model","display_name":"team/a\"b","created_at":"2023-11-14T22:13:20Z"}"#
        #expect(String(buffer: ModelList.one(one)) == json)
        #expect(
            String(buffer: ModelList.list([]))
                == #"{"object":"list","data":[],"has_more":false,"first_id":null,"last_id":null,"models":[]}"#)
        let list = String(buffer: ModelList.list([one, one]))
        #expect(
            list.hasPrefix(#"{"object":"list","data":[\#(json),\#(json)],"has_more":false,"first_id":"team/a\"b","#))
    }

    @Test(
        arguments: [
            (#"{"error":{"message":"a","type":"b"}}"#, "a"),
            (#"{"type":"error","error":{"type":"x","message":"a"},"message":"b"}"#, "a"),
            (#"{"error":"text"}"#, "text"), (#"{"message":"m","error":{"code":1}}"#, "m"), (#"{"detail":"d"}"#, "d"),
            (#"{"detail":"d","message":"m"}"#, "m"),
            (#"[{"error":{"code":400,"message":"g"}},1]"#, "g"),
            (#"{"error":{"message":"é\n"}}"#, "é\n"),
            (#"{"detail":[{"msg":"x"}]}"#, "x"),
            (#"{"error":null}"#, nil),
            (#"{"error":{"message":""}}"#, nil),
            ("[]", nil),
            ("<html>", nil),
            ("", nil), (#"{"message":"a""#, nil), (#"{"message":"a"}x"#, nil), (#""message""#, nil),
        ] as [(String, String?)])
    func `Finds the upstream's message`(body: String, message: String?) {
        #expect(UpstreamErrorBody(body: ByteBuffer(string: body)).message == message)
    }

    @Test(arguments: [(0, 2048), (1, 2047), (2, 2048)])
    func `Cuts a message between characters`(lead: Int, count: Int) {
        let text = String(repeating: "a", count: lead) + String(repeating: "é", count: 5000)
        #expect(UpstreamErrorBody(body: ByteBuffer(string: #"{"message":"\#(text)"}"#)).message == text)
        let cut = UpstreamErrorBody.cut(text)
        #expect(cut.utf8.count == count)
        #expect(text.utf8.starts(with: cut.utf8))
    }

    @Test func `Cuts what is one character in no time`() {
        let text = "e" + String(repeating: "\u{301}", count: 32_000)
        let began = ContinuousClock.now
        for _ in 0..<20 { #expect(UpstreamErrorBody.cut(text).utf8.count == 2047) }
        #expect(began.duration(to: .now) < .seconds(1))
    }

    @Test(
        arguments: [
            (
                #"{"error":{"message":"a","type":"b","param":"c","code":"d"}}"#,
                UpstreamErrorBody(message: "a", code: "d", type: "b", param: "c")
            ),
            (#"{"error":{"message":"a","code":529,"param":null}}"#, UpstreamErrorBody(message: "a", code: "529")),
            (
                #"{"type":"error","code":"x","message":"a","param":null,"sequence_number":3}"#,
                UpstreamErrorBody(message: "a", code: "x", type: "error")
            ),
        ] as [(String, UpstreamErrorBody)])
    func `Finds what else the upstream says`(body: String, report: UpstreamErrorBody) {
        #expect(UpstreamErrorBody(body: ByteBuffer(string: body)) == report)
    }

    @Test func `A report is told without secrets`() {
        let report = UpstreamErrorBody(message: "a key", code: "key", type: "key", param: "key")
        let told = report.redacted { $0.replacing("key", with: "•") }
        #expect(told == UpstreamErrorBody(message: "a •", code: "•", type: "•", param: "•"))
    }
}
