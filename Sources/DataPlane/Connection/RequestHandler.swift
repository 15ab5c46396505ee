import GatewayCore
import NIOCore

/// What answers one request of a connection. It hears of the client through these calls, and answers through `ClientConnection`.
protocol RequestHandler: AnyObject {
    /// The head has been read.
    func start()
    func receiveBody(_ part: ByteBuffer)
    func receiveEnd()
    /// What the client sent is not HTTP.
    /// - Returns: false if the request was answered already, so that it is not about this one.
    func refuse(_ error: GatewayError) -> Bool
    func clientWritabilityChanged(isWritable: Bool)
    /// The connection is gone.
    func clientDisconnected()
    func timerFired(_ timer: ExchangeTimer)
    /// The gateway's time for requests in flight is over.
    func interrupt()
    /// Whether the request goes on without its client.
    var outlivesClient: Bool { get }
}
