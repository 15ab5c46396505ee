/// The `request_logging` section: what is kept of requests, and for how long.
public struct RequestLoggingConfiguration: Sendable, Hashable {
    /// What is kept of bodies.
    public let payloads: PayloadConfiguration
    /// After this many days a request's log is deleted.
    public let retentionDays: Int

    init(_ map: MappingReader) {
        payloads = map.section("payloads", PayloadConfiguration.init)
        retentionDays = map.value("retention_days", .integer(in: 1...36500), default: 30)
    }
}

/// What is kept of bodies.
public struct PayloadConfiguration: Sendable, Hashable {
    /// How much.
    public enum CaptureMode: String, Sendable, CaseIterable {
        case disabled
        case summaryOnly = "summary_only"
        case redactedPayloads = "redacted_payloads"
    }

    /// How much of bodies is kept.
    public let captureMode: CaptureMode
    /// A longer request body is cut.
    public let requestMaxBytes: Int
    /// A longer answer is cut.
    public let responseMaxBytes: Int
    /// More events of a stream are left out.
    public let streamMaxEvents: Int
    /// Dot-separated paths with `*`, beyond what is always redacted: `body.messages.*.content`.
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
        .string("a path of names and \"*\" with dots between, such as \"body.messages.*.content\"", show: { $0 }) {
            text in
            text.split(separator: ".", omittingEmptySubsequences: false).contains("") ? nil : text
        }
    }
}
