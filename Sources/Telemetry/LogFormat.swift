/// How a log line is written.
public enum LogFormat: String, Sendable, CaseIterable {
    /// For people: time, level, message, then `key=value` pairs.
    case pretty
    /// For machines: one JSON object a line.
    case json
}
