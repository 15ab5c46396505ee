import Glibc

/// The limit of open files, and so of connections.
enum FileLimit {
    /// What the gateway opens besides connections: the database, its listener, the control socket and its clients,
    /// secrets, certificates, event loops, standard streams.
    private static let ownFiles = 128

    /// Raises the soft limit on open files to the hard one: the usual 1,024 is less than what `max_concurrent_requests`
    /// of clients and their upstreams need. A refusal changes nothing, and does not prevent serving.
    static func raise() {
        guard var limit = current, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// How many connections of clients there may be so that files are left for everything else: an upstream connection
    /// for each request, and what the gateway opens itself.
    /// - Parameters:
    ///   - wanted: `server.max_connections`.
    ///   - requests: `server.max_concurrent_requests`.
    static func connections(_ wanted: Int, besides requests: Int) -> Int {
        guard let limit = current else { return wanted }
        let files = Int(clamping: limit.rlim_cur)
        // With few files in all, connections get less than half: each may need one more for its upstream.
        let reserved = min(requests + ownFiles, files / 8 * 5)
        return max(1, min(wanted, files - reserved))
    }

    private static var current: rlimit? {
        var limit = rlimit()
        return getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 ? limit : nil
    }
}
