/// The `server.otel_…` keys: export over OTLP/HTTP.
public struct OpenTelemetryConfiguration: Sendable, Hashable {
    /// Base address for traces, and for metrics unless they have their own; nil for no export.
    public let endpoint: HTTPAddress?
    /// Base address for metrics; `endpoint` by default.
    public let metricsEndpoint: HTTPAddress?
    /// The time between two exports of metrics.
    public let exportIntervalSeconds: Int
    /// The share of traces, from 0 to 1, that is exported if the caller has not decided.
    public let traceSampleRatio: Double
    /// Sent with every export.
    public let headers: [HeaderConfiguration]

    init(_ map: MappingReader) {
        endpoint = map.optional("otel_endpoint", .httpAddress)
        metricsEndpoint = map.optional("otel_metrics_endpoint", .httpAddress, default: endpoint)
        exportIntervalSeconds = map.value("otel_export_interval_secs", .integer(in: 1...3600), default: 30)
        traceSampleRatio = map.value("otel_trace_sample_ratio", .number(in: 0...1), default: 1)
        let headers = map.headers("otel_headers", takesCredential: true)
        self.headers = headers.headers
        if let reason = headers.missing { map.error("otel_headers", reason) }
    }
}
