import Egress
import NIOCore
import NIOHTTP1
import Providers

/// Records the events of a call, and calls the test at each event.
final class RecordingReceiver: UpstreamReceiver {
    var head: HTTPResponseHead?
    var parts: [String] = []
    var readsCompleted = 0
    var isEnded = false
    var failure: UpstreamFailure?
    /// Called after each part, with the number of parts so far.
    var onPart: (Int) -> Void = { _ in }
    var onEnd: () -> Void = {}

    var text: String { parts.joined() }

    func upstreamHead(_ head: HTTPResponseHead) {
        self.head = head
    }

    func upstreamPart(_ part: ByteBuffer) {
        parts.append(String(buffer: part))
        onPart(parts.count)
    }

    func upstreamReadComplete() {
        readsCompleted += 1
    }

    func upstreamEnd() {
        isEnded = true
        onEnd()
    }

    func upstreamFailed(_ failure: UpstreamFailure) {
        self.failure = failure
    }
}
