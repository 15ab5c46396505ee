import NIOCore
import NIOHTTP1

/// Everything that the simulated upstream is going to send, worked out beforehand; `SimulatedCall` plays it.
struct SimulatedAnswer {
    /// A piece of the body as one read from a socket would bring it.
    struct Part {
        let bytes: ByteBuffer
        /// The tokens that the answer consists of once this part is out, which is what its pace is measured by.
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
