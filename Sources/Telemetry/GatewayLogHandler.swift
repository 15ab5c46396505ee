public import Logging

/// Writes the log messages of the whole process as lines of a `LogSink`, in the sink's format.
///
/// Metadata becomes fields in the order of their names; one that is named as a field of every line (`time`, `level`,
/// `message`, `logger`) gets the prefix `metadata.`. A value appears as its description, so a `Secret` appears as its
/// mask.
public struct GatewayLogHandler: LogHandler {
    /// The metadata of every line of this logger.
    public var metadata: Logger.Metadata = [:]
    /// Adds metadata that depends on the source of a line; it overrides the logger's.
    public var metadataProvider: Logger.MetadataProvider?
    /// Messages below this level are not written.
    public var logLevel: Logger.Level
    private let label: String
    private let sink: LogSink

    /// A handler for the logger named `label`.
    public init(
        label: String, sink: LogSink, level: Logger.Level = .info, metadataProvider: Logger.MetadataProvider? = nil
    ) {
        self.label = label
        self.sink = sink
        self.logLevel = level
        self.metadataProvider = metadataProvider
    }

    /// One value of the logger's metadata.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Gives the event's line to the sink, and does not wait until it is written.
    public func log(event: LogEvent) {
        var line = LogLine(
            sink.format, time: Timestamp.now(), level: event.level.name, message: event.message.description,
            logger: label)
        let fields = fields(of: event)
        for name in fields.keys.sorted() {
            guard let value = fields[name] else { continue }
            line.field(Self.fieldName(name), metadata: value)
        }
        line.end()
        sink.write(line.bytes)
    }

    private func fields(of event: LogEvent) -> Logger.Metadata {
        var fields = metadata
        if let provided = metadataProvider?.get() { fields.merge(provided) { $1 } }
        if let error = event.error { fields["error"] = "\(error)" }
        if let given = event.metadata { fields.merge(given) { $1 } }
        return fields
    }

    private static func fieldName(_ name: String) -> String {
        switch name {
        case "time", "level", "message", "logger": "metadata." + name
        default: name
        }
    }
}

extension Logger.Level {
    fileprivate var name: StaticString {
        switch self {
        case .trace: "trace"
        case .debug: "debug"
        case .info: "info"
        case .notice: "notice"
        case .warning: "warning"
        case .error: "error"
        case .critical: "critical"
        }
    }
}
