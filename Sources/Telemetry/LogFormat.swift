/// The format of log lines.
public enum LogFormat: String, Sendable, CaseIterable {
    /// For humans: time, level, message, then `key=value` pairs.
    case pretty
    /// For machines: one JSON object per line.
    case json
}
