import NIOCore

/// Precedes the HTTP decoder, which reports nothing until a head is complete, and reports the first bytes of a head, so
/// that a client that sends a byte a minute has a deadline too, and the end of what the client sends.
///
/// It also reads once ahead, behind a complete request. The handler that queues pipelined requests asks for no bytes
/// before the response has ended, and a channel without a read leaves the selector and comes back with the
/// next request: two system calls for each.
final class FirstBytesHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private unowned let connection: ClientConnection
    private var context: ChannelHandlerContext?
    /// A read that the connection asked for has not come through.
    private var isReadWithheld = false
    /// Behind the current request; at most once, so that a client that pipelines meets back-pressure.
    private var hasReadAhead = false

    init(connection: ClientConnection) {
        self.connection = connection
        connection.firstBytes = self
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

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    /// Asks for bytes by `read`, and reads ahead if that is withheld on its way here.
    func read(by read: () -> Void) {
        isReadWithheld = true
        read()
        guard isReadWithheld, !hasReadAhead else { return }
        hasReadAhead = true
        context?.read()
    }

    func read(context: ChannelHandlerContext) {
        isReadWithheld = false
        hasReadAhead = false
        context.read()
    }
}
