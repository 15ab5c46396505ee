import GatewayCore
package import Routing
import Synchronization

/// Writes the times of last use of keys, in the background.
///
/// These times are a convenience: they are lost while the database is unreachable, which the watch has logged.
package final class KeyUseWriter: Sendable {
    /// The maximum of waiting keys; uses of further keys are dropped until these are written.
    package static let maxKeys = 100_000

    private let source: any KeySource
    private let waiting = Mutex<[String: Int64]>([:])
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    package init(source: any KeySource) {
        self.source = source
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// - Parameter uses: by public id, in microseconds since 1970 UTC.
    package func record(_ uses: [String: Int64]) {
        waiting.withLock { waiting in
            for (key, time) in uses where waiting[key] != nil || waiting.count < Self.maxKeys {
                waiting[key] = max(time, waiting[key] ?? time)
            }
        }
        signal.yield()
    }

    /// Writes until `finish()` was called and everything recorded by then was tried.
    package func run() async {
        for await _ in signals { await write() }
        await write()
    }

    package func finish() {
        signal.finish()
    }

    private func write() async {
        let uses = waiting.withLock { waiting in
            defer { waiting = [:] }
            return waiting
        }
        if !uses.isEmpty { try? await source.touch(uses) }
    }
}
