import GatewayCore
import NIOCore

/// The shape that OpenAI's families share: `{"error":{"message","type","code","param","request_id"}}`.
struct OpenAIErrorEnvelope {
    /// The JSON object.
    let bytes: ByteBuffer

    /// The envelope of `error`. `param` is null when no field of the request is at fault. It contains nothing that is
    /// for the log only.
    init(_ error: GatewayError, requestID: String) {
        var buffer = ByteBuffer()
        buffer.writeStaticString(#"{"error":{"message":"#)
        JSONText.append(error.message, to: &buffer)
        buffer.writeStaticString(#","type":"#)
        JSONText.append(error.wireType, to: &buffer)
        buffer.writeStaticString(#","code":"#)
        JSONText.append(error.wireCode, to: &buffer)
        buffer.writeStaticString(#","param":"#)
        JSONText.append(error.param, to: &buffer)
        buffer.writeStaticString(#","request_id":"#)
        JSONText.append(requestID, to: &buffer)
        buffer.writeStaticString("}}")
        bytes = buffer
    }

    /// The envelope as one event of a chat stream: `data: {…}` and a blank line. The official SDKs raise on it.
    var event: ByteBuffer {
        var event = ByteBufferAllocator().buffer(capacity: bytes.readableBytes + 8)
        event.writeStaticString("data: ")
        event.writeImmutableBuffer(bytes)
        event.writeStaticString("\n\n")
        return event
    }
}
