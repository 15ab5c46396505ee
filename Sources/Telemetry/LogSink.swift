import Dispatch
import Foundation
public import NIOCore

/// Accepts finished log lines and writes them to a file descriptor from its own thread, so that a slow reader of the
/// log never blocks an event loop.
///
/// Lines wait in memory for a few milliseconds, so that a busy gateway makes few, large writes. If more lines wait than
/// the sink's capacity allows, further lines are dropped; a later line reports how many.
public final class LogSink: Sendable {
    /// The format of the sink's own lines, which its clients should use too.
    public let format: LogFormat
    private let queue: LogQueue

    /// Starts the writer's thread. The descriptor stays the caller's: it must stay open for as long as the sink lives.
    ///
    /// - Parameters:
    ///   - descriptor: The destination, standard error by default; blocking or not.
    ///   - capacity: The maximum of waiting bytes.
    public init(format: LogFormat, descriptor: CInt = 2, capacity: Int = 4 << 20) {
        self.format = format
        let queue = LogQueue(capacity: capacity)
        self.queue = queue
        let writer = LogWriter(queue: queue, descriptor: descriptor, format: format)
        let thread = Thread { writer.run() }
        thread.name = "log-writer"
        thread.start()
    }

    deinit {
        queue.close()
    }

    /// Accepts one or more complete lines, each with its line feed. Never blocks on the descriptor.
    public func write(_ lines: ByteBuffer) {
        lines.withUnsafeReadableBytes { queue.append($0) }
    }

    /// Accepts one or more complete lines, each with its line feed. Never blocks on the descriptor.
    public func write(_ lines: [UInt8]) {
        lines.withUnsafeBytes { queue.append($0) }
    }

    /// Waits until all accepted lines are written, for the end of the process. Blocks the calling thread for up to
    /// `timeout`, so do not call it on an event loop.
    ///
    /// - Returns: Whether all lines were written in time.
    @discardableResult
    public func flush(within timeout: Duration) -> Bool {
        queue.flush(within: timeout)
    }
}
