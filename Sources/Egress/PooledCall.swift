/// A request over a pooled connection, from the pool's side.
final class PooledCall: UpstreamCall {
    private(set) var request: UpstreamRequest
    private(set) var receiver: (any UpstreamReceiver)?
    private let pool: UpstreamPool
    private weak var connection: UpstreamConnection?
    private var isPaused = false
    private var wasResent = false

    init(request: UpstreamRequest, receiver: any UpstreamReceiver, pool: UpstreamPool) {
        self.request = request
        self.receiver = receiver
        self.pool = pool
    }

    /// Whether anybody still waits for the answer.
    var isWanted: Bool { receiver != nil }

    func pause() {
        isPaused = true
        connection?.pauseReading()
    }

    func resume() {
        isPaused = false
        connection?.resumeReading()
    }

    func cancel() {
        receiver = nil
        releaseBody()
        connection?.abandon()
        connection = nil
    }

    /// It will not be sent again, and may be large. Whoever still connects for the call, or reads a long answer, keeps the call.
    func releaseBody() {
        request.body = []
    }

    /// The connection that has taken the call on.
    func attach(_ connection: UpstreamConnection) {
        self.connection = connection
        if isPaused { connection.pauseReading() }
    }

    /// A kept connection closed before any byte of the answer: the server had most likely given it up before the request
    /// came. Sends it again on a fresh one, once.
    /// - Returns: false if that has been done already.
    func resend() -> Bool {
        guard !wasResent, receiver != nil else { return false }
        wasResent = true
        connection = nil
        pool.connect(for: self)
        return true
    }

    /// The last word: the receiver is let go.
    func fail(_ failure: UpstreamFailure) {
        let receiver = receiver
        self.receiver = nil
        connection = nil
        releaseBody()
        receiver?.upstreamFailed(failure)
    }

    /// The answer is complete: the receiver is let go.
    func end() {
        let receiver = receiver
        self.receiver = nil
        connection = nil
        receiver?.upstreamEnd()
    }
}
