import NIOCore
import NIOHTTP1

/// A request over a pooled connection, for the pool and the connection.
final class PooledCall: UpstreamCall {
    private(set) var request: UpstreamRequest
    private(set) var receiver: (any UpstreamReceiver)?
    let bodyKind: UpstreamConnectionEvent.Body
    private let pool: UpstreamPool
    private weak var connection: UpstreamConnection?
    private var isPaused = false

    // A streamed body.
    /// Whether the connection has sent the head, so that the body can follow.
    private var isBodyAccepted = false
    private var isBodyFinished = false
    /// What the receiver was last informed of.
    private var isWritable = false
    /// Parts that came before the connection was up. The sender's reads bound them: see `UpstreamCall.send(_:)`.
    private var earlyParts: [ByteBuffer] = []

    init(request: UpstreamRequest, receiver: any UpstreamReceiver, pool: UpstreamPool) {
        self.request = request
        self.receiver = receiver
        self.pool = pool
        bodyKind =
            switch request.body {
            case .absent, .slices: .slices
            case .streamed(let length): .streamed(length: length)
            }
    }

    /// Whether the receiver still waits for the answer.
    var isWanted: Bool { receiver != nil }

    // MARK: From the side that makes the call

    func pause() {
        isPaused = true
        connection?.pauseReading()
    }

    func resume() {
        isPaused = false
        connection?.resumeReading()
    }

    func cancel() {
        let connection = connection
        finish()
        connection?.abandon()
    }

    func send(_ part: ByteBuffer) {
        guard isWanted, !isBodyFinished, part.readableBytes > 0 else { return }
        if isBodyAccepted { connection?.sendPart(part) } else { earlyParts.append(part) }
    }

    func finishBody() {
        guard isWanted, !isBodyFinished else { return }
        isBodyFinished = true
        if isBodyAccepted { connection?.finishBody() }
    }

    // MARK: From the connection

    /// The connection has taken the call.
    func attach(_ connection: UpstreamConnection) {
        self.connection = connection
        if isPaused { connection.pauseReading() }
    }

    /// The connection has sent the head.
    func acceptBody() {
        isBodyAccepted = true
        let parts = earlyParts
        earlyParts = []
        for part in parts { connection?.sendPart(part) }
        if isBodyFinished { connection?.finishBody() }
    }

    func changeWritability(_ isWritable: Bool) {
        guard isWritable != self.isWritable else { return }
        self.isWritable = isWritable
        receiver?.upstreamWritabilityChanged(isWritable: isWritable)
    }

    func receiveHead(_ head: HTTPResponseHead) {
        releaseBody()
        receiver?.upstreamHead(head)
    }

    /// The server closed a connection of the pool without any byte of the answer: most likely it had closed it before
    /// the request came. Sends the request again on a new connection.
    func resend() {
        connection = nil
        isBodyAccepted = false
        pool.connect(for: self)
        changeWritability(false)
    }

    func fail(_ failure: UpstreamFailure) {
        finish()?.upstreamFailed(failure)
    }

    func end() {
        finish()?.upstreamEnd()
    }

    /// The receiver gets at most one more event, from the caller of this.
    @discardableResult
    private func finish() -> (any UpstreamReceiver)? {
        defer { receiver = nil }
        connection = nil
        earlyParts = []
        releaseBody()
        return receiver
    }

    /// The body is not sent again, and may be large, while a connection attempt or a long answer keeps the call alive.
    private func releaseBody() {
        request.body = .absent
    }
}
