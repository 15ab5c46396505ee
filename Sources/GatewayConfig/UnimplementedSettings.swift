/// The settings that are accepted and validated, but have no effect in this release. A new feature deletes its line.
enum UnimplementedSettings {
    /// - Parameter path: the path of the key, including positions in lists: `models[0].routes[1].extra_body`.
    static func contains(_ path: String) -> Bool {
        paths.contains(path.filter { !$0.isNumber })
    }

    private static let paths: Set<String> = [
        "server.public_url",
        "server.trusted_proxies",
        "server.metrics_bind",
        "server.otel_endpoint",
        "server.otel_metrics_endpoint",
        "server.otel_export_interval_secs",
        "server.otel_headers",
        "server.otel_trace_sample_ratio",
        "auth.session",
        "auth.oidc",
        "accounting.unpriced",
        "accounting.cap_output",
        "budget_alerts",
        "request_logging",
        "admin_ui",
        "providers[].propagate_trace",
        "teams[].budget",
        "users[].budget",
        "users[].request_logging_enabled",
    ]

    /// Provider types without an adapter; their routes are unavailable.
    static let providerTypes: Set<ProviderType> = [.vertex]
}
