import NIOCore

/// Keeps what a client has sent before its connection is served.
///
/// When a client ends its side, its channel reads all that is there, whether it was asked to or not.
final class EarlyInput: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private var context: ChannelHandlerContext?
    /// Bounded by the kernel's buffer of the socket.
    private var parts: [ByteBuffer] = []
    private var isEnded = false
    private var isServed = false

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isServed { context.fireChannelRead(data) } else { parts.append(unwrapInboundIn(data)) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if !isServed, event as? ChannelEvent == .inputClosed {
            isEnded = true
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    /// Hands over what has come, and keeps nothing from now on.
    func serve() {
        isServed = true
        guard let context, isEnded || !parts.isEmpty else { return }
        for part in parts { context.fireChannelRead(wrapInboundOut(part)) }
        parts = []
        context.fireChannelReadComplete()
        if isEnded { context.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }
    }
}
