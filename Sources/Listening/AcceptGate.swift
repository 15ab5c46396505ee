public import Logging
public import NIOCore

/// Stops accepting for a moment when the system refuses it, such as at the limit of open files.
///
/// A refused `accept` leaves the connection in the queue, so the listener stays readable: without a pause its event
/// loop would try again without end. `AcceptBackoffHandler` of swift-nio withholds the read only, and the descriptor
/// stays registered; turning automatic reads off takes it out.
///
/// It belongs into the pipeline of a listening channel, before what else handles its errors.
public final class AcceptGate: ChannelInboundHandler {
    public typealias InboundIn = Channel
    public typealias InboundOut = Channel

    /// Long enough to cost nothing, short enough for a client that waits.
    private static let pause = TimeAmount.milliseconds(100)
    private static let logInterval = TimeAmount.seconds(10)

    private let listener: String
    private let logger: Logger
    private var isPaused = false
    private var nextLog = NIODeadline.now()

    /// - Parameter listener: what is listened to, for the log.
    public init(listener: String, logger: Logger) {
        self.listener = listener
        self.logger = logger
    }

    /// Pauses at an error of the system; passes other errors on.
    public func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? IOError else { return context.fireErrorCaught(error) }
        log(error)
        guard !isPaused, let options = context.channel.syncOptions else { return }
        isPaused = true
        // The option is one that every channel has; a closed channel needs no pause.
        try? options.setOption(.autoRead, value: false)
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.pause) { [self] in
            isPaused = false
            try? options.setOption(.autoRead, value: true)
        }
    }

    private func log(_ error: IOError) {
        let now = NIODeadline.now()
        guard now >= nextLog else { return }
        nextLog = now + Self.logInterval
        logger.warning(
            "Connections are not accepted at the moment: the system refuses them.",
            metadata: ["listener": "\(listener)", "cause": "\(error)", "pause": "\(Self.pause)"])
    }
}
