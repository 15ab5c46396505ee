public import Database

/// The days that the request logs are kept in.
public enum RequestLogPartitions {
    private static let partitions = DayPartitions(of: [
        "request_logs", "request_log_payloads", "request_log_tags", "request_log_attempts",
    ])

    /// Makes room for the days around `now`, microseconds since 1970 UTC. To be done each hour, and before the first
    /// row.
    public static func prepare(on database: any Database, now: Int64) async throws {
        try await partitions.prepare(on: database, now: now)
    }
}
