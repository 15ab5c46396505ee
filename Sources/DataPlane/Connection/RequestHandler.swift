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
    func clientWritabilityChanged(isWritable: Bool)
    /// The connection has ended.
    func clientDisconnected()
    func timerFired(_ timer: ExchangeTimer)
    /// The grace period of running requests has passed.
    func interrupt()
    /// Whether the request continues without its client.
    var outlivesClient: Bool { get }
}
