/// The `request_logging` section: what the request log keeps, and for how long.
public struct RequestLoggingConfiguration: Sendable, Hashable {
    /// What the request log keeps of bodies.
    public let payloads: PayloadConfiguration
    /// Log entries are deleted after this many days.
    public let retentionDays: Int

    init(_ map: MappingReader) {
        payloads = map.section("payloads", PayloadConfiguration.init)
        retentionDays = map.value("retention_days", .integer(in: 1...36500), default: 30)
    }
}

/// What the request log keeps of bodies.
public struct PayloadConfiguration: Sendable, Hashable {
    /// How much of a body is kept.
    public enum CaptureMode: String, Sendable, CaseIterable {
        case disabled
        case summaryOnly = "summary_only"
        case redactedPayloads = "redacted_payloads"
    }

    /// How much of bodies is kept.
    public let captureMode: CaptureMode
    /// A longer request body is truncated.
    public let requestMaxBytes: Int
    /// A longer response body is truncated.
    public let responseMaxBytes: Int
    /// Further events of a stream are omitted.
    public let streamMaxEvents: Int
    /// Dot-separated paths with `*`, in addition to what is always redacted: `body.messages.*.content`.
    public let redactionPaths: [String]

    init(_ map: MappingReader) {
        captureMode = map.value("capture_mode", .choice, default: .redactedPayloads)
        requestMaxBytes = map.value("request_max_bytes", .integer(in: 0...16 << 20), default: 65536)
        responseMaxBytes = map.value("response_max_bytes", .integer(in: 0...16 << 20), default: 65536)
        streamMaxEvents = map.value("stream_max_events", .integer(in: 0...100_000), default: 128)
        redactionPaths = map.scalars("redaction_paths", .redactionPath).map(\.value)
    }
}

extension ScalarKind where Value == String {
    fileprivate static var redactionPath: ScalarKind {
        .string("a path of names and \"*\" separated by dots, such as \"body.messages.*.content\"", show: { $0 }) {
            text in
            text.split(separator: ".", omittingEmptySubsequences: false).contains("") ? nil : text
        }
    }
}
