import Dispatch
import Foundation
public import NIOCore

/// Takes finished log lines and puts them on a file descriptor from a thread of its own, so that a slow reader of the log
/// never holds up an event loop.
///
/// Lines wait in memory for a few milliseconds, so that a busy gateway makes few, large writes. If the reader is so slow
/// that more than the sink's capacity waits, further lines are dropped, and a line says how many as soon as there is room.
public final class LogSink: Sendable {
    /// The format of the sink's own lines, which those who write to it should use too.
    public let format: LogFormat
    private let queue: LogQueue

    /// Starts the writer's thread. The descriptor stays the caller's: it must stay open for as long as the sink lives.
    ///
    /// - Parameters:
    ///   - descriptor: Where the lines go, standard error by default; may be blocking or not.
    ///   - capacity: The bytes that may wait.
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

    /// Takes `lines`: one or more whole lines, the last one with its line feed too. Never blocks on the descriptor.
    public func write(_ lines: ByteBuffer) {
        lines.withUnsafeReadableBytes { queue.append($0) }
    }

    /// Takes `lines`: one or more whole lines, the last one with its line feed too. Never blocks on the descriptor.
    public func write(_ lines: [UInt8]) {
        lines.withUnsafeBytes { queue.append($0) }
    }

    /// Waits until all lines taken so far are written, for the end of the process. Blocks the calling thread for up to
    /// `timeout`, so it must not be called on an event loop.
    ///
    /// - Returns: Whether everything was written in time.
    @discardableResult
    public func flush(within timeout: Duration) -> Bool {
        queue.flush(within: timeout)
    }
}
