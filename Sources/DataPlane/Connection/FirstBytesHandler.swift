import NIOCore

/// Precedes the HTTP decoder, which reports nothing until a head is complete, and reports the first bytes of a head, so
/// that a client that sends a byte a minute has a deadline too, and the end of what the client sends.
final class FirstBytesHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private unowned let connection: ClientConnection

    init(connection: ClientConnection) {
        self.connection = connection
    }

    /// Before the handler that queues pipelined requests, and the events behind them.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        context.fireUserInboundEventTriggered(event)
        if event as? ChannelEvent == .inputClosed { connection.inputClosed() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if connection.ignoresInput { return }
        let bytes = unwrapInboundIn(data).readableBytes
        connection.bytesArrived()
        context.fireChannelRead(data)
        connection.bytesDecoded(bytes)
    }
}
