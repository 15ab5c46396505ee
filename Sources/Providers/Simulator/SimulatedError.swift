import Foundation
import NIOCore
import NIOHTTP1

/// An error of the OpenAI API (https://platform.openai.com/docs/guides/error-codes).
struct SimulatedError: Error {
    private struct Envelope: Encodable {
        struct Content: Encodable {
            let message: String
            let type: String
            let param: String?
            let code: String?

            // Hand-written because OpenAI sends nulls, which the synthesised method omits.
            func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: CodingKeys.self)
                try container.encode(message, forKey: .message)
                try container.encode(type, forKey: .type)
                try container.encode(param, forKey: .param)
                try container.encode(code, forKey: .code)
            }

            private enum CodingKeys: CodingKey {
                case message, type, param, code
            }
        }

        let error: Content
    }

    let status: HTTPResponseStatus
    private let content: Envelope.Content

    /// A failure that the request did not cause.
    static let failure = SimulatedError(
        .internalServerError, "The simulated provider failed this request, according to its failure rate.",
        type: "server_error")

    /// An error of the request.
    static func invalid(_ message: String, param: String? = nil, code: String? = nil) -> SimulatedError {
        SimulatedError(.badRequest, message, type: "invalid_request_error", param: param, code: code)
    }

    private init(
        _ status: HTTPResponseStatus, _ message: String, type: String, param: String? = nil, code: String? = nil
    ) {
        self.status = status
        content = Envelope.Content(message: message, type: type, param: param, code: code)
    }

    /// The answer's body.
    var json: ByteBuffer {
        ByteBuffer(encoding: Envelope(error: content))
    }
}

extension ByteBuffer {
    /// `value` as JSON with sorted keys; empty if it cannot be encoded, which the simulator's own types always can.
    init(encoding value: some Encodable) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        self = (try? encoder.encode(value)).map { ByteBuffer(bytes: $0) } ?? ByteBuffer()
    }
}
