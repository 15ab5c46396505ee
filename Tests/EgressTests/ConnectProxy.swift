import GatewayTestSupport
import NIOCore
import NIOPosix

/// A small proxy on loopback that makes tunnels, and records what it was asked for.
struct ConnectProxy {
    let port: Int
    /// The head of each request.
    let heads: Watched<[String]>

    /// - Parameter answer: in place of a tunnel.
    static func with<Result: Sendable>(
        answer: String? = nil, _ body: (ConnectProxy) async throws -> Result
    ) async throws -> Result {
        let heads = Watched<[String]>([])
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Entrance(heads: heads, answer: answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let result: Swift.Result<Result, any Error>
        do {
            result = .success(try await body(ConnectProxy(port: server.localAddress?.port ?? 0, heads: heads)))
        } catch {
            result = .failure(error)
        }
        try await server.close()
        return try result.get()
    }
}

/// Reads the request, then connects the two sides.
private final class Entrance: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let heads: Watched<[String]>
    private let answer: String?
    private var head = ""
    private var exit: (any Channel)?

    init(heads: Watched<[String]>, answer: String?) {
        self.heads = heads
        self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        if let exit { return exit.writeAndFlush(bytes, promise: nil) }
        head += String(buffer: bytes)
        guard head.hasSuffix("\r\n\r\n") else { return }
        let head = head
        heads.update { $0.append(head) }
        if let answer { return context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil) }
        let target = head.split(separator: " ")[1].split(separator: ":")
        let entrance = NIOLoopBound(context.channel, eventLoop: context.eventLoop)
        ClientBootstrap(group: context.eventLoop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Exit(to: entrance.value))
                }
            }
            .connect(host: String(target[0]), port: Int(target[1]) ?? 0)
            .assumeIsolated()
            .whenComplete { result in
                guard case .success(let exit) = result else {
                    return entrance.value.close(promise: nil)
                }
                self.exit = exit
                entrance.value.writeAndFlush(ByteBuffer(string: "HTTP/1.1 200 Connected\r\nx: y\r\n\r\n"), promise: nil)
            }
    }

    func channelInactive(context: ChannelHandlerContext) {
        exit?.close(promise: nil)
    }
}

private final class Exit: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let entrance: any Channel

    init(to entrance: any Channel) {
        self.entrance = entrance
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        entrance.writeAndFlush(unwrapInboundIn(data), promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        entrance.close(promise: nil)
    }
}
