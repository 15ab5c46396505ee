public import GatewayCore
public import NIOCore

/// The one shape of every error answer: `{"error":{"message","type","code","param","request_id"}}`.
public struct ErrorEnvelope: Sendable {
    /// The JSON object.
    public let bytes: ByteBuffer
    private let error: GatewayError

    /// The envelope of `error`. `param` is null when no field of the request is at fault. Nothing that is for the log
    /// only goes in.
    public init(_ error: GatewayError, requestID: String) {
        self.error = error
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

    /// The envelope as one event of a streamed response: `event: error` with what OpenAI's own has (`type`, `code`, `message`,
    /// `param`, `sequence_number`), and the `error` object that the official SDKs raise on.
    public func responsesFrame(sequenceNumber: Int64) -> ByteBuffer {
        var frame = ByteBufferAllocator().buffer(capacity: 2 * bytes.readableBytes + 128)
        frame.writeStaticString("event: error\ndata: {\"type\":\"error\",\"code\":")
        JSONText.append(error.code.rawValue, to: &frame)
        frame.writeStaticString(",\"message\":")
        JSONText.append(error.message, to: &frame)
        frame.writeStaticString(",\"param\":")
        if let param = error.param { JSONText.append(param, to: &frame) } else { frame.writeStaticString("null") }
        frame.writeStaticString(",\"sequence_number\":")
        frame.writeString("\(sequenceNumber),")
        // The envelope without its opening brace.
        frame.writeImmutableBuffer(bytes.getSlice(at: bytes.readerIndex + 1, length: bytes.readableBytes - 1) ?? bytes)
        frame.writeStaticString("\n\n")
        return frame
    }
}
