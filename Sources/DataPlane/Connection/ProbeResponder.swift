import GatewayCore
import NIOCore
import NIOHTTP1
import Routing

/// Answers `/healthz`, `/readyz` and clients that only look for a server, at once and without a key. A probe leaves no
/// record.
final class ProbeResponder: RequestHandler {
    private let connection: ClientConnection
    private let head: HTTPRequestHead
    private let subject: Subject

    enum Subject {
        case health, readiness
    }

    init(_ head: HTTPRequestHead, _ subject: Subject, on connection: ClientConnection) {
        self.head = head
        self.subject = subject
        self.connection = connection
    }

    func start() {
        let (status, text) =
            switch subject {
            case .health: (200, #"{"status":"ok"}"#)
            case .readiness: Self.readiness(connection.loop.readiness)
            }
        let closing = !connection.isReusable(after: head) || RequestFraming(head).hasBody
        var headers: HTTPHeaders = [
            "content-type": ContentType.json, "content-length": String(text.utf8.count),
        ]
        connection.loop.settings.crossOrigin.append(to: &headers, for: head)
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
        return (status, #"{"status":"\#(summary.rawValue)","failing":[\#(checks)]\#(journal(readiness.journal))}"#)
    }

    private static func journal(_ backlog: Readiness.JournalBacklog?) -> String {
        guard let backlog else { return "" }
        let age = backlog.pendingAge.components
        let milliseconds = age.seconds * 1000 + age.attoseconds / 1_000_000_000_000_000
        return #","journal":{"pending_bytes":\#(backlog.pendingBytes),"pending_age_ms":\#(milliseconds)}"#
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
