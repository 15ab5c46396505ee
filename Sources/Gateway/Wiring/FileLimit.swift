import Glibc

/// The limit of open files, and so of connections.
enum FileLimit {
    /// Raises the soft limit on open files to the hard one: the usual 1,024 is less than what `max_concurrent_requests`
    /// of clients and their upstreams need. A refusal changes nothing, and does not prevent serving.
    static func raise() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < limit.rlim_max
        else {
            return
        }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
