import NIOCore

/// Sits before the HTTP decoder, which says nothing until a head is complete, and tells when bytes of one begin to come: a
/// client that sends its head a byte a minute has a deadline too.
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
