import GatewayCore
import NIOCore
import NIOHTTP1
import Routing

/// Answers `/healthz` and `/readyz` at once, without a key. A probe leaves no record.
final class ProbeResponder: RequestHandler {
    private let connection: ClientConnection
    private let head: HTTPRequestHead
    private let isHealth: Bool

    init(_ head: HTTPRequestHead, isHealth: Bool, on connection: ClientConnection) {
        self.head = head
        self.isHealth = isHealth
        self.connection = connection
    }

    func start() {
        let (status, text) = isHealth ? (200, #"{"status":"ok"}"#) : Self.readiness(connection.loop.readiness)
        let closing = !connection.isReusable(after: head) || RequestFraming(head).hasBody
        var headers: HTTPHeaders = [
            "content-type": ContentType.json, "content-length": String(text.utf8.count),
        ]
        if closing { headers.add(name: "connection", value: "close") }
        connection.write(
            .head(HTTPResponseHead(version: .http1_1, status: .init(statusCode: status), headers: headers)))
        if head.method != .HEAD { connection.write(.body(.byteBuffer(ByteBuffer(string: text)))) }
        connection.end(closing: closing)
        connection.finish(self)
    }

    /// Names of checks only: the log has the details.
    private static func readiness(_ readiness: Readiness) -> (status: Int, body: String) {
        let (summary, failing) = readiness.summary
        let checks = failing.map { "\"\($0.rawValue)\"" }.joined(separator: ",")
        let status =
            switch summary {
            case .ready, .degraded: 200
            case .notReady, .draining: 503
            }
        return (status, #"{"status":"\#(summary.rawValue)","failing":[\#(checks)]}"#)
    }

    // The response is complete before any other event.
    func receiveBody(_ part: ByteBuffer) {}
    func receiveEnd() {}
    var isRequestComplete: Bool { true }
    func probeClient() -> Bool { true }
    func refuse(_ error: GatewayError) -> Bool { false }
    func clientWritabilityChanged(isWritable: Bool) {}
    func clientDisconnected() {}
    func timerFired(_ timer: ExchangeTimer) {}
    func interrupt() {}
    var outlivesClient: Bool { false }
}
