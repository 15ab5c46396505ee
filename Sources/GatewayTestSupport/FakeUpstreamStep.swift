public import NIOCore

/// One thing that a `FakeUpstream` does on a connection.
public enum FakeUpstreamStep: Sendable {
    /// Waits for the head of the next request.
    case awaitHead
    /// Waits for the whole of the next request.
    case awaitRequest
    /// Sends bytes as they are, and waits until the kernel has taken them.
    case send(String)
    /// Sends bytes as they are, and waits until the kernel has taken them.
    case sendBytes(ByteBuffer)
    /// Sends a status line and headers, with the empty line.
    case sendHead(Int, [(String, String)])
    /// Sends a chunk of a body in chunked encoding.
    case chunk(String)
    /// Ends a body in chunked encoding.
    case endChunks
    /// Does nothing for a time. Only for pacing that is itself what the test is about.
    case delay(TimeAmount)
    /// Waits until the test opens the gate.
    case waitFor(Gate)
    /// Opens a gate that the test waits at.
    case open(Gate)
    /// Reads no more from the connection, until `resumeReading`.
    case stopReading
    case resumeReading
    /// Ends the sending direction only.
    case halfClose
    case close
    /// Closes with a TCP reset.
    case reset
    /// Does the steps again and again, until the client leaves.
    indirect case repeating([FakeUpstreamStep])

    /// Answers the next request with a JSON body and an exact length.
    public static func answer(_ status: Int = 200, json: String) -> [FakeUpstreamStep] {
        [
            .awaitRequest,
            .sendHead(status, [("content-type", "application/json"), ("content-length", String(json.utf8.count))]),
            .send(json),
        ]
    }

    /// Waits for the next request and begins an answer of server-sent events in chunked encoding.
    public static let beginEventStream: [FakeUpstreamStep] = [
        .awaitRequest,
        .sendHead(200, [("content-type", "text/event-stream"), ("transfer-encoding", "chunked")]),
    ]
}
