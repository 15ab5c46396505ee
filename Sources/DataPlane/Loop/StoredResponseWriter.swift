package import GatewayCore
package import Logging
package import Routing
import Synchronization

/// Writes to whom stored responses belong, behind the event loops.
///
/// This gateway knows the owner at once. While the database cannot be reached, the other gateways do not learn of it.
package final class StoredResponseWriter: Sendable {
    /// Responses that wait to be written. What does not fit is known to this gateway only, which is logged.
    package static let maxWaiting = 4096

    package let recent = RecentResponses()
    private let source: any StoredResponseSource
    private let logger: Logger
    private let waiting: AsyncStream<StoredResponse>
    private let queue: AsyncStream<StoredResponse>.Continuation
    private let isFinishing = Atomic(false)
    private let isDropping = Atomic(false)

    package init(source: any StoredResponseSource, logger: Logger) {
        self.source = source
        self.logger = logger
        (waiting, queue) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.maxWaiting))
    }

    /// Remembers to whom a response belongs.
    package func remember(_ response: StoredResponse) {
        recent.insert(response)
        guard case .dropped = queue.yield(response) else { return }
        if !isDropping.exchange(true, ordering: .relaxed) {
            logger.warning("Owners of stored responses wait for the database and are known to this gateway only.")
        }
    }

    /// Writes until `finish()` was called and the queue is empty, or a write fails after that.
    package func run() async {
        for await response in waiting {
            do {
                if try await !source.remember(response) { recent.remove(response) }
                isDropping.store(false, ordering: .relaxed)
            } catch {
                // The watch has logged why. A gateway that stops does not wait for a database that it cannot reach.
                if isFinishing.load(ordering: .relaxed) { return }
            }
        }
    }

    package func finish() {
        isFinishing.store(true, ordering: .relaxed)
        queue.finish()
    }
}
