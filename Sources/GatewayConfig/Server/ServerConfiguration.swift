public import GatewayCore

/// The `server` section: the listener and its process.
public struct ServerConfiguration: Sendable, Hashable {
    /// The format of log lines.
    public enum LogFormat: String, Sendable, CaseIterable {
        case pretty, json
    }

    /// The least severe level that is logged.
    public enum LogLevel: String, Sendable, CaseIterable {
        case trace, debug, info, notice, warning, error, critical
    }

    /// The address of the listener.
    public let bind: BindAddress
    /// The format of log lines.
    public let logFormat: LogFormat
    /// The least severe level that is logged.
    public let logLevel: LogLevel
    /// At this number of connections one without a request gives way to a new one.
    public let maxConnections: Int
    /// The gateway refuses a longer request body with 413.
    public let maxRequestBodyBytes: Int
    /// The gateway refuses further concurrent requests with 503.
    public let maxConcurrentRequests: Int
    /// Over all requests; never less than `maxRequestBodyBytes`.
    public let maxBufferedBodyBytes: Int
    /// How long the whole body of a request may take.
    public let bodyTimeoutSeconds: Double
    /// How long a stopping gateway continues to listen.
    public let shutdownDelaySeconds: Double
    /// How long running requests may then take to finish.
    public let shutdownGraceSeconds: Double
    /// The path of the control socket; `gateway.sock` in the folder of the database file by default.
    public let controlSocket: String
    /// Serve TLS with this certificate; nil for plain HTTP.
    public let tls: ServerTLSConfiguration?
    /// The address at which users reach the gateway.
    public let publicURL: HTTPAddress?
    /// The proxies whose `x-forwarded-for` the gateway trusts.
    public let trustedProxies: [IPNetwork]
    /// The web pages that may call the gateway from a browser; `*` for any.
    public let corsOrigins: [String]
    /// The address for Prometheus metrics; nil if they are not served.
    public let metricsBind: BindAddress?
    /// Export of traces and metrics.
    public let telemetry: OpenTelemetryConfiguration

    init(_ map: MappingReader, databasePath: String?) {
        bind = map.value("bind", .address, default: .standard)
        tls = map.optionalSection("tls", ServerTLSConfiguration.init)
        logFormat = map.value("log_format", .choice, default: .pretty)
        logLevel = map.value("log_level", .choice, default: .info)
        let largest = 1 << 40
        maxConnections = map.value("max_connections", .integer(in: 1...1_000_000), default: 10_000)
        maxRequestBodyBytes = map.value("max_request_body_bytes", .integer(in: 1...1 << 30), default: 32 << 20)
        maxConcurrentRequests = map.value("max_concurrent_requests", .integer(in: 1...1_000_000), default: 1024)
        maxBufferedBodyBytes = map.value("max_buffered_body_bytes", .integer(in: 1...largest), default: 512 << 20)
        bodyTimeoutSeconds = map.value("body_timeout_seconds", .number(in: 1...86400), default: 120)
        shutdownDelaySeconds = map.value("shutdown_delay_seconds", .number(in: 0...3600), default: 5)
        shutdownGraceSeconds = map.value("shutdown_grace_seconds", .number(in: 0...86400), default: 30)
        let socket = DatabaseConfiguration.sibling("gateway.sock", of: databasePath)
        controlSocket = map.value("control_socket", .text("the path of a socket"), default: socket)
        publicURL = map.optional("public_url", .httpAddress)
        trustedProxies = map.scalars("trusted_proxies", .network).map(\.value)
        corsOrigins = map.scalars("cors_origins", .webOrigin).map(\.value)
        metricsBind = map.optional("metrics_bind", .address)
        telemetry = OpenTelemetryConfiguration(map)
        if maxBufferedBodyBytes < maxRequestBodyBytes {
            map.error(
                "max_buffered_body_bytes", "must not be less than max_request_body_bytes (\(maxRequestBodyBytes))")
        }
    }
}

/// The files of `server.tls`, both PEM.
public struct ServerTLSConfiguration: Sendable, Hashable {
    /// The text of the certificate, followed by its intermediates.
    public let certificate: Secret
    /// The text of the certificate's key.
    public let privateKey: Secret

    init(_ map: MappingReader) {
        let certificatePath = map.required("certificate_path", .text("the path of a PEM file"))
        let privateKeyPath = map.required("private_key_path", .text("the path of a PEM file"))
        guard let certificatePath, let privateKeyPath else {
            (certificate, privateKey) = (Secret(""), Secret(""))
            return
        }
        certificate = map.file("certificate_path", at: certificatePath)
        privateKey = map.file("private_key_path", at: privateKeyPath)
    }
}
