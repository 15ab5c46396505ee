import GatewayConfig
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Requests `/readyz` from the gateway on this machine.
enum ReadinessProbe {
    private typealias Exchange = NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>

    /// The status of the answer.
    /// - Throws: `CommandFailure` if there is no answer within five seconds.
    static func status(of server: ServerConfiguration) async throws -> Int {
        let address = (host: reachable(server.bind.host), port: server.bind.port)
        do {
            let exchange = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connectTimeout(.seconds(5))
                .connect(host: address.host, port: address.port) { channel in
                    channel.eventLoop.makeCompletedFuture { try prepare(channel, isTLS: server.tls != nil) }
                }
            return try await exchange.executeThenClose { parts, writer in
                let headers: HTTPHeaders = ["host": address.host, "connection": "close"]
                try await writer.write(
                    .head(HTTPRequestHead(version: .http1_1, method: .GET, uri: "/readyz", headers: headers)))
                try await writer.write(.end(nil))
                for try await case .head(let head) in parts { return Int(head.status.code) }
                throw ChannelError.eof
            }
        } catch {
            throw CommandFailure(
                .checkFailed, "No gateway answers on \(address.host):\(address.port): \(error)",
                hint: "Start it with `gateway serve`, or check `server.bind`.")
        }
    }

    /// A wildcard address includes loopback.
    private static func reachable(_ host: String) -> String {
        switch host {
        case "0.0.0.0": "127.0.0.1"
        case "::": "::1"
        default: host
        }
    }

    private static func prepare(_ channel: any Channel, isTLS: Bool) throws -> Exchange {
        let pipeline = channel.pipeline.syncOperations
        if isTLS {
            // The request contains no secret, and the certificate is for the callers' name, not for this address.
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.certificateVerification = .none
            let context = try NIOSSLContext(configuration: configuration)
            try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: nil))
        }
        try pipeline.addHTTPClientHandlers()
        try pipeline.addHandler(IdleStateHandler(allTimeout: .seconds(5)))
        try pipeline.addHandler(CloseWhenIdle())
        return try Exchange(wrappingChannelSynchronously: channel)
    }
}

/// A gateway that does not answer is not ready.
private final class CloseWhenIdle: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }
}
