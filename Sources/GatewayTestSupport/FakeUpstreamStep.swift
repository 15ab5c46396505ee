public import NIOCore

/// One step of a `FakeUpstream` on a connection.
public enum FakeUpstreamStep: Sendable {
    /// Waits for the head of the next request.
    case awaitHead
    /// Waits for the complete next request.
    case awaitRequest
    /// Sends bytes unchanged, and waits until the kernel has accepted them.
    case send(String)
    /// Sends bytes unchanged, and waits until the kernel has accepted them.
    case sendBytes(ByteBuffer)
    /// Sends a status line and headers, with the empty line.
    case sendHead(Int, [(String, String)])
    /// Sends a chunk of a body in chunked encoding.
    case chunk(String)
    /// Ends a body in chunked encoding.
    case endChunks
    /// Pauses. Only for pacing that is itself the subject of the test.
    case delay(TimeAmount)
    /// Waits until the test opens the gate.
    case waitFor(Gate)
    /// Opens a gate at which the test waits.
    case open(Gate)
    /// Stops reading from the connection, until `resumeReading`.
    case stopReading
    case resumeReading
    /// Closes the sending direction only.
    case halfClose
    case close
    /// Closes with a TCP reset.
    case reset
    /// Repeats the steps until the client disconnects.
    indirect case repeating([FakeUpstreamStep])

    /// Answers the next request with a JSON body and an exact length.
    public static func answer(_ status: Int = 200, json: String) -> [FakeUpstreamStep] {
        [
            .awaitRequest,
            .sendHead(status, [("content-type", "application/json"), ("content-length", String(json.utf8.count))]),
            .send(json),
        ]
    }

    /// Waits for the next request and starts a response of server-sent events in chunked encoding.
    public static let beginEventStream: [FakeUpstreamStep] = [
        .awaitRequest,
        .sendHead(200, [("content-type", "text/event-stream"), ("transfer-encoding", "chunked")]),
    ]
}
