import GatewayCore
import NIOCore
import NIOHTTP1

/// Answers the preflight of a web page that may call the gateway. It has no key, and leaves no record.
final class PreflightResponder: RequestHandler {
    private let connection: ClientConnection
    private let head: HTTPRequestHead

    init(_ head: HTTPRequestHead, on connection: ClientConnection) {
        self.head = head
        self.connection = connection
    }

    func start() {
        let closing = !connection.isReusable(after: head) || RequestFraming(head).hasBody
        var headers = connection.loop.settings.crossOrigin.preflight(head)
        if closing { headers.add(name: "connection", value: "close") }
        connection.write(.head(HTTPResponseHead(version: .http1_1, status: .noContent, headers: headers)))
        connection.end(closing: closing)
        connection.finish(self)
    }

    // The response is complete before any other event.
    var isRequestComplete: Bool { true }
    var outlivesClient: Bool { false }
    func receiveBody(_ part: ByteBuffer) {}
    func receiveEnd() {}
    func refuse(_ error: GatewayError) -> Bool { false }
    func probeClient() -> Bool { true }
    func clientWritabilityChanged(isWritable: Bool) {}
    func clientDisconnected() {}
    func timerFired(_ timer: ExchangeTimer) {}
    func interrupt() {}
}
