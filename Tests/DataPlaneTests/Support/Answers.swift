import Foundation
import GatewayTestSupport
import Testing

/// Answers of upstreams.
enum Answers {
    static let completion =
        #"{"id":"c","object":"chat.completion","model":"up-model","choices":[{"index":0,"#
        + #""message":{"role":"assistant","content":"hello"},"finish_reason":"stop"}],"#
        + #""usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}"#

    static func content(_ text: String) -> String { event(delta: #"{"content":"\#(text)"}"#, finish: "null") }
    static let finish = event(delta: "{}", finish: #""stop""#)
    static let done = "data: [DONE]\n\n"

    private static func event(delta: String, finish: String) -> String {
        #"data: {"id":"c","object":"chat.completion.chunk","model":"up-model","choices":[{"index":0,"#
            + #""delta":\#(delta),"finish_reason":\#(finish)}]}"# + "\n\n"
    }

    /// A complete stream, each event in its own chunk.
    static let stream: [FakeUpstreamStep] =
        FakeUpstreamStep.beginEventStream + [.chunk(content("hello")), .chunk(finish), .chunk(done), .endChunks]
}

/// The error object of an answer, as the SDKs read it.
struct ErrorBody: Decodable, Equatable {
    struct Envelope: Decodable {
        let error: ErrorBody
    }

    let message: String
    let type: String
    let code: String
    let param: String?
    let requestID: String

    private enum CodingKeys: String, CodingKey {
        case message, type, code, param
        case requestID = "request_id"
    }
}

extension HTTPMessage {
    /// The error in this answer.
    func errorBody() throws -> ErrorBody {
        try JSONDecoder().decode(ErrorBody.Envelope.self, from: Data(body)).error
    }

    /// The data of the events of a stream.
    var events: [String] {
        text.split(separator: "\n\n").map { block in
            block.split(separator: "\n").filter { !$0.hasPrefix(":") }.joined(separator: "\n")
        }
        .filter { $0.hasPrefix("data: ") }.map { String($0.dropFirst("data: ".count)) }
    }

    /// The error that a stream ended with.
    func lastEventError() throws -> ErrorBody {
        let last = try #require(events.last)
        return try JSONDecoder().decode(ErrorBody.Envelope.self, from: Data(last.utf8)).error
    }
}
