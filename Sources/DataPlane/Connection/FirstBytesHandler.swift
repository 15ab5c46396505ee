import NIOCore

/// Precedes the HTTP decoder, which reports nothing until a head is complete, and reports the first bytes of a head, so
/// that a client that sends a byte a minute has a deadline too.
final class FirstBytesHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private unowned let connection: ClientConnection

    init(connection: ClientConnection) {
        self.connection = connection
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if connection.ignoresInput { return }
        connection.bytesArrived()
        context.fireChannelRead(data)
    }
}
