import GatewayCore
import NIOCore
import Telemetry

/// Writes a log line for each request, in batches.
final class RequestLineSink: ExchangeSink {
    private static let flushBytes = 64 * 1024

    private let sink: LogSink
    private let format: LogFormat
    private var lines = ByteBuffer()

    init(_ sink: LogSink, format: LogFormat) {
        self.sink = sink
        self.format = format
    }

    func record(_ exchange: Exchange) {
        RequestLine.append(exchange, format: format, to: &lines)
        if lines.readableBytes > Self.flushBytes { flush() }
    }

    func flush() {
        guard lines.readableBytes > 0 else { return }
        sink.write(lines)
        lines = ByteBuffer()
    }
}
