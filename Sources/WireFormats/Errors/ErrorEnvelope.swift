public import GatewayCore
public import NIOCore

/// The one shape of every error answer: `{"error":{"message","type","code","param","request_id"}}`.
public struct ErrorEnvelope: Sendable {
    /// The JSON object.
    public let bytes: ByteBuffer

    /// The envelope of `error`. `param` is null when no field of the request is at fault. Nothing that is for the log
    /// only goes in.
    public init(_ error: GatewayError, requestID: String) {
        var buffer = ByteBuffer()
        buffer.writeStaticString(#"{"error":{"message":"#)
        JSONText.append(error.message, to: &buffer)
        buffer.writeStaticString(#","type":"#)
        JSONText.append(error.code.type, to: &buffer)
        buffer.writeStaticString(#","code":"#)
        JSONText.append(error.code.rawValue, to: &buffer)
        buffer.writeStaticString(#","param":"#)
        if let param = error.param {
            JSONText.append(param, to: &buffer)
        } else {
            buffer.writeStaticString("null")
        }
        buffer.writeStaticString(#","request_id":"#)
        JSONText.append(requestID, to: &buffer)
        buffer.writeStaticString("}}")
        bytes = buffer
    }

    /// The envelope as one event of a chat stream: `data: {…}` and a blank line. The official SDKs raise on it.
    public var sseFrame: ByteBuffer {
        var frame = ByteBufferAllocator().buffer(capacity: bytes.readableBytes + 8)
        frame.writeStaticString("data: ")
        frame.writeImmutableBuffer(bytes)
        frame.writeStaticString("\n\n")
        return frame
    }
}
