package import GatewayCore
package import Logging
package import Routing
import Synchronization

/// Writes the owners of stored responses, in the background.
///
/// This gateway knows an owner at once. While the database is unreachable, the other gateways do not.
package final class StoredResponseWriter: Sendable {
    /// The maximum of waiting responses. Only this gateway knows the owners of further ones, which is logged.
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

    /// Records the owner of a response.
    package func remember(_ response: StoredResponse) {
        recent.insert(response)
        guard case .dropped = queue.yield(response) else { return }
        if !isDropping.exchange(true, ordering: .relaxed) {
            logger.warning(
                "Too many owners of stored responses are waiting for the database; only this gateway knows the new ones."
            )
        }
    }

    /// Writes until `finish()` was called and the queue is empty, or a write fails after that.
    package func run() async {
        for await response in waiting {
            do {
                if try await !source.remember(response) { recent.remove(response) }
                isDropping.store(false, ordering: .relaxed)
            } catch {
                // The watch has logged why. A stopping gateway does not wait for an unreachable database.
                if isFinishing.load(ordering: .relaxed) { return }
            }
        }
    }

    package func finish() {
        isFinishing.store(true, ordering: .relaxed)
        queue.finish()
    }
}
