public import GatewayCore
public import NIOCore

/// The log's one line about a request, at level info.
///
/// Written for every request on its event loop, straight into the buffer: about a microsecond each.
public enum RequestLine {
    /// Appends the line, its line feed included. Its time is when the request ended, or came, if it has not ended.
    ///
    /// What came from the caller is escaped and cut to 512 bytes a field; a field that has no value is left out.
    /// `provider` and `route` are those of the last attempt; durations are milliseconds.
    public static func append(_ exchange: Exchange, format: LogFormat, to buffer: inout ByteBuffer) {
        let time = exchange.receivedAt + (exchange.endedAfter ?? 0)
        buffer.beginLogLine(format, time: time, level: "info", message: "request")
        buffer.writeLogField(format, "logger", text: "gateway.request")
        appendRequest(exchange, format, to: &buffer)
        appendRoute(exchange, format, to: &buffer)
        appendOutcome(exchange, format, to: &buffer)
        buffer.endLogLine(format)
    }

    private static func appendRequest(_ exchange: Exchange, _ format: LogFormat, to buffer: inout ByteBuffer) {
        if let status = exchange.status { buffer.writeLogField(format, "status", number: Int64(status)) }
        buffer.writeLogField(format, "method", text: exchange.method)
        buffer.writeLogField(format, "path", text: exchange.path)
        if let key = exchange.keyPublicID { buffer.writeLogField(format, "key", text: key) }
        if let model = exchange.requestedModel { buffer.writeLogField(format, "model", text: model) }
        if let model = exchange.resolvedModel { buffer.writeLogField(format, "resolved_model", text: model) }
    }

    private static func appendRoute(_ exchange: Exchange, _ format: LogFormat, to buffer: inout ByteBuffer) {
        if let attempt = exchange.attempts.last {
            buffer.writeLogField(format, "provider", text: attempt.provider)
            buffer.writeLogField(format, "route", text: attempt.route)
        }
        buffer.writeLogField(format, "attempts", number: Int64(exchange.attempts.count))
        buffer.writeLogField(format, "stream", flag: exchange.isStream)
    }

    private static func appendOutcome(_ exchange: Exchange, _ format: LogFormat, to buffer: inout ByteBuffer) {
        if let duration = exchange.endedAfter {
            buffer.writeLogField(format, "duration_ms", milliseconds: duration)
        }
        if let duration = exchange.firstByteAfter {
            buffer.writeLogField(format, "first_byte_ms", milliseconds: duration)
        }
        if let usage = exchange.usage {
            buffer.writeLogField(format, "prompt_tokens", number: usage.promptTokens)
            buffer.writeLogField(format, "completion_tokens", number: usage.completionTokens)
        }
        if let reason = exchange.endReason { buffer.writeLogField(format, "end_reason", text: reason.rawValue) }
        buffer.writeLogField(format, "request_id", text: exchange.requestID)
        buffer.writeLogField(format, "gateway_request_id", text: exchange.id)
        if let error = exchange.error { buffer.writeLogField(format, "error", text: error.code.rawValue) }
        if let cause = exchange.error?.cause ?? exchange.attempts.last?.failure {
            buffer.writeLogField(format, "cause", text: cause, limit: 2048)
        }
    }
}
