import Logging
import Routing

/// The background writers to the database: shared by all event loops, bounded, with the lifetime of the listener.
struct BackgroundWriters: Sendable {
    let keyUses: KeyUseWriter
    let storedResponses: StoredResponseWriter

    init(_ dependencies: DataPlaneDependencies) {
        keyUses = KeyUseWriter(source: dependencies.keySource)
        storedResponses = StoredResponseWriter(source: dependencies.responseSource, logger: dependencies.logger)
    }

    /// Runs the writers while `body` runs, and then until their queues are written.
    func run(_ body: () async throws -> Void) async rethrows {
        async let keyUses: Void = keyUses.run()
        async let storedResponses: Void = storedResponses.run()
        do {
            try await body()
        } catch {
            finish()
            _ = await (keyUses, storedResponses)
            throw error
        }
        finish()
        _ = await (keyUses, storedResponses)
    }

    private func finish() {
        keyUses.finish()
        storedResponses.finish()
    }
}
