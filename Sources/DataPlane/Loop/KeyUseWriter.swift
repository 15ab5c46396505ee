import GatewayCore
package import Routing
import Synchronization

/// Writes when keys were last used, behind the event loops.
///
/// That time is a convenience: what a database that cannot be reached does not take is lost, and the watch has logged why.
package final class KeyUseWriter: Sendable {
    /// Keys that wait to be written; the uses of others are dropped until these are.
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

    /// Writes until `finish()` was called and everything that had been recorded by then was tried.
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
