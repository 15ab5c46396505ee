import GatewayCore
import NIOCore

/// Answers one request of a connection. These calls report the client's events; the answer goes through
/// `ClientConnection`.
protocol RequestHandler: AnyObject {
    /// The head has been read.
    func start()
    func receiveBody(_ part: ByteBuffer)
    func receiveEnd()
    /// The client sent invalid HTTP.
    /// - Returns: false if the request was answered already, so that the error does not concern it.
    func refuse(_ error: GatewayError) -> Bool
    /// Whether the whole request has been received.
    var isRequestComplete: Bool { get }
    /// The client has ended its side of the connection. Sends it something that means nothing, if the protocol has it:
    /// a client that has closed altogether answers with a reset, and one that still reads ignores it.
    /// - Returns: false if nothing can tell the two apart, so that the client counts as gone.
    func probeClient() -> Bool
    func clientWritabilityChanged(isWritable: Bool)
    /// The connection has ended.
    func clientDisconnected()
    func timerFired(_ timer: ExchangeTimer)
    /// The grace period of running requests has passed.
    func interrupt()
    /// Whether the request continues without its client.
    var outlivesClient: Bool { get }
}
