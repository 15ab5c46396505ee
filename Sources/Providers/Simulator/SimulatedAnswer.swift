import GatewayCore
import NIOCore
import NIOHTTP1

/// The complete output of the simulated upstream, computed in advance; `SimulatedCall` plays it.
struct SimulatedAnswer: Sendable {
    /// A part of the body, as from one read of a socket.
    struct Part: Sendable {
        let bytes: ByteBuffer
        /// The tokens of the answer up to this part, which determine its time.
        let tokensSoFar: Int
    }

    let head: HTTPResponseHead
    let parts: [Part]

    /// An answer of one JSON document.
    init(status: HTTPResponseStatus = .ok, json: ByteBuffer, tokens: Int = 0) {
        let headers: HTTPHeaders = [
            "content-type": "application/json", "content-length": String(json.readableBytes),
        ]
        head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        parts = [Part(bytes: json, tokensSoFar: tokens)]
    }

    /// An answer of server-sent events.
    init(events: [Part]) {
        let headers: HTTPHeaders = ["content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache"]
        head = HTTPResponseHead(version: .http1_1, status: .ok, headers: headers)
        parts = events
    }

    /// An error in OpenAI's envelope.
    init(error: SimulatedError) {
        self.init(status: error.status, json: error.json)
    }
}

extension SimulatedAnswer {
    /// The answer to a request, errors included.
    init(to request: SimulatedRequest, options: SimulatorOptions, created: Int) {
        do throws(SimulatedError) {
            switch request.operation {
            case .chat:
                let body = try SimulatedChatRequest(request)
                let isTruncated = try Self.isTruncated(request, options)
                let chat = ChatSimulation(body, seed: options.seed, created: created)
                let includesUsage = body.streamOptions?.includesUsage == true
                self =
                    body.stream == true
                    ? chat.stream(includesUsage: includesUsage, isTruncated: isTruncated) : chat.document
            case .responses:
                let body = try SimulatedResponsesRequest(request)
                let isTruncated = try Self.isTruncated(request, options)
                let response = ResponsesSimulation(body, seed: options.seed, created: created)
                self = body.stream == true ? response.stream(isTruncated: isTruncated) : response.document
            case .embeddings:
                let body = try SimulatedEmbeddingsRequest(request)
                _ = try Self.isTruncated(request, options)
                self = EmbeddingsSimulation(body, seed: options.seed).document
            }
        } catch {
            self.init(error: error)
        }
    }

    /// Whether a stream ends half-way; throws if the request is to fail.
    private static func isTruncated(
        _ request: SimulatedRequest, _ options: SimulatorOptions
    ) throws(SimulatedError) -> Bool {
        var generator = SeededGenerator(options.seed, request.ordinal)
        if generator.draw(probability: options.failureRate) { throw .failure }
        return generator.draw(probability: options.truncateRate)
    }
}
