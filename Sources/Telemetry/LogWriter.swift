import Foundation

/// Writes the lines of a `LogQueue` to a descriptor, on a thread that may block as long as the reader is slow.
struct LogWriter: Sendable {
    /// How long lines may wait for more, so that a busy gateway makes few writes.
    private static let gatherMilliseconds = 5
    /// The memory of a batch up to this size is reused for the next one.
    private static let keptCapacity = 256 << 10

    let queue: LogQueue
    let descriptor: CInt
    let format: LogFormat

    /// Writes until the queue is closed and empty.
    func run() {
        blockBrokenPipeSignal()
        var emptied: [UInt8] = []
        while let batch = queue.nextBatch(reusing: emptied, gatheringFor: Self.gatherMilliseconds) {
            var lost = write(batch.bytes)
            if batch.dropped > 0, write(notice(ofDropped: batch.dropped)) > 0 { lost += batch.dropped }
            queue.finishBatch(lost: lost)
            emptied = batch.bytes.capacity > Self.keptCapacity ? [] : batch.bytes
            emptied.removeAll(keepingCapacity: true)
        }
    }

    /// A closed pipe must not end the process: on this thread, the write fails instead.
    private func blockBrokenPipeSignal() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    private func notice(ofDropped count: Int) -> [UInt8] {
        var line = LogLine(
            format, time: Timestamp.now(), level: "warning", message: "log lines dropped", logger: "gateway.log")
        line.field("dropped", number: Int64(count))
        line.end()
        return line.bytes
    }

    /// - Returns: The number of lines that could not be written.
    private func write(_ bytes: [UInt8]) -> Int {
        bytes.withUnsafeBytes { bytes in
            var written = 0
            while written < bytes.count {
                let remainder = UnsafeRawBufferPointer(rebasing: bytes[written...])
                let count = Foundation.write(descriptor, remainder.baseAddress, remainder.count)
                if count >= 0 {
                    written += count
                    continue
                }
                switch errno {
                case EINTR: continue
                case EAGAIN, EWOULDBLOCK: waitUntilWritable()
                default: return remainder.lineCount
                }
            }
            return 0
        }
    }

    private func waitUntilWritable() {
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&request, 1, 1000)
    }
}
