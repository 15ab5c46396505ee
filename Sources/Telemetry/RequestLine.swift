public import GatewayCore
public import NIOCore

/// The log line of a request, at level info.
///
/// Written for every request on its event loop, so it costs about a microsecond.
public enum RequestLine {
    /// Appends the line, its line feed included. Its time is the end of the request, or its arrival if it has not
    /// ended.
    ///
    /// Text from the caller is escaped and truncated to 512 bytes per field; a field without a value is omitted.
    /// `provider` and `route` are those of the last attempt; durations are milliseconds.
    public static func append(_ exchange: Exchange, format: LogFormat, to buffer: inout ByteBuffer) {
        let time = exchange.receivedAt + (exchange.endedAfter ?? 0)
        var line = LogLine(format, time: time, level: "info", message: "request", logger: "gateway.request")
        appendRequest(exchange, to: &line)
        appendRoute(exchange, to: &line)
        appendOutcome(exchange, to: &line)
        line.end()
        buffer.writeBytes(line.bytes)
    }

    private static func appendRequest(_ exchange: Exchange, to line: inout LogLine) {
        if let status = exchange.status { line.field("status", number: Int64(status)) }
        line.field("method", text: exchange.method)
        line.field("path", text: exchange.path)
        if let caller = exchange.caller { line.field("key", text: caller.keyPublicID) }
        if let client = exchange.client.client { line.field("client", text: client) }
        if let session = exchange.client.session { line.field("session", text: session) }
        if let agent = exchange.client.agent { line.field("agent", text: agent) }
        if let model = exchange.requestedModel { line.field("model", text: model) }
        if let model = exchange.resolvedModel { line.field("resolved_model", text: model) }
    }

    private static func appendRoute(_ exchange: Exchange, to line: inout LogLine) {
        if let attempt = exchange.attempts.last {
            line.field("provider", text: attempt.provider)
            line.field("route", text: attempt.route)
        }
        line.field("attempts", number: Int64(exchange.attempts.count))
        line.field("stream", flag: exchange.isStream)
    }

    /// The cost of all attempts; how it comes about is that of the last one.
    private static func appendCharge(_ exchange: Exchange, to line: inout LogLine) {
        guard let last = exchange.attempts.last?.charge else { return }
        let nanodollars = exchange.attempts.reduce(0) { $0 &+ ($1.charge?.cost.nanodollars ?? 0) }
        line.field("cost_usd", dollars: Money(nanodollars: nanodollars))
        line.field("pricing", text: last.pricing.name)
        if let reason = last.pricing.unpricedReason { line.field("unpriced_reason", text: reason) }
        if let source = last.usageSource { line.field("usage_source", text: source.rawValue) }
    }

    private static func appendOutcome(_ exchange: Exchange, to line: inout LogLine) {
        if let duration = exchange.endedAfter {
            line.field("duration_ms", milliseconds: duration)
        }
        if let duration = exchange.firstByteAfter {
            line.field("first_byte_ms", milliseconds: duration)
        }
        if let usage = exchange.usage {
            line.field("prompt_tokens", number: usage.promptTokens)
            line.field("completion_tokens", number: usage.completionTokens)
        }
        appendCharge(exchange, to: &line)
        if let reason = exchange.endReason { line.field("end_reason", text: reason.rawValue) }
        line.field("request_id", text: exchange.requestID)
        line.field("gateway_request_id", text: exchange.id)
        if let error = exchange.error { line.field("error", text: error.code.rawValue) }
        if let cause = exchange.error?.cause ?? exchange.attempts.last?.outcome?.cause {
            line.field("cause", text: cause, limit: 2048)
        }
    }
}
