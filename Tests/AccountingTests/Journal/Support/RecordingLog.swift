import Logging
import Synchronization

/// Keeps the messages of a logger, with their metadata.
final class RecordingLog: Sendable {
    struct Line: Sendable {
        let level: Logger.Level
        let text: String
    }

    private let state = Mutex<[Line]>([])

    private struct Handler: LogHandler {
        let log: RecordingLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let fields = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }
            log.state.withLock { $0.append(Line(level: event.level, text: "\(event.message)\(fields.joined())")) }
        }
    }

    var logger: Logger { Logger(label: "test") { _ in Handler(log: self) } }
    var lines: [Line] { state.withLock { $0 } }

    func count(_ part: String) -> Int { lines.count { $0.text.contains(part) } }
}
