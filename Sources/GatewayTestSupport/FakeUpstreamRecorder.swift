import NIOCore

/// Records the bytes of a connection, and when it ends.
final class FakeUpstreamRecorder: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let connection: FakeUpstreamConnection

    init(_ connection: FakeUpstreamConnection) {
        self.connection = connection
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        connection.state.update { state in
            state.bytesReceived += bytes.readableBytes
            state.parser.append(bytes.readableBytesView)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed { left() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        left()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func left() {
        connection.state.update { $0.leftAt = $0.leftAt ?? .now() }
    }
}
