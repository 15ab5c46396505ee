import CLibPQ
import GatewayCore

/// A PostgreSQL URL as libpq understands it
/// (https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-CONNSTRING), and the form of it that may be shown.
struct PostgresURL: Sendable {
    let secret: Secret
    /// `postgres://user:•••@host:port/database`, without parameters.
    let masked: String
    /// Whether every host of it is this machine: a loopback address, or a socket's folder.
    let isLocal: Bool
    /// The URL's own limit for each address, if it has one; 0 for none.
    let connectTimeout: Duration?

    init(_ url: Secret) throws(DatabaseError) {
        // Before libpq parses it: what libpq takes for a host of a broken URL may be the rest of the password.
        guard PostgresURLSyntax.accepts(url) else { throw Self.unreadable("it must \(PostgresURLSyntax.rule)") }
        // libpq's own message quotes the URL.
        guard let options = Self.options(of: url) else { throw Self.unreadable("libpq does not know its parameters") }
        guard Self.hasNumbers(options) else { throw Self.unreadable("a port or another number in it is not valid") }
        secret = url
        masked = Self.masked(options)
        isLocal = Self.isLocal(options)
        connectTimeout = options["connect_timeout"].flatMap { Int($0) }.map { Duration.seconds($0) }
    }

    /// libpq looks at them only when it connects, and then says so in words alone.
    private static func hasNumbers(_ options: [String: String]) -> Bool {
        let numbers = [
            "connect_timeout", "keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count",
            "tcp_user_timeout",
        ]
        let ports = (options["port"] ?? "").split(separator: ",")
        return ports.allSatisfy { UInt16($0).map { $0 > 0 } ?? false }
            && numbers.allSatisfy { name in options[name].map { Int32($0) != nil } ?? true }
    }

    private static func unreadable(_ reason: String) -> DatabaseError {
        .unreachable(database: "postgres://…", reason: "its URL cannot be read: \(reason)")
    }

    /// libpq takes what the URL does not say from a service of `pg_service.conf`, then from its defaults, and those
    /// from the environment (`PGHOST`, `PGHOSTADDR`, `PGSERVICE`). A service may name any host, and its file may
    /// change: it never counts as local.
    private static func isLocal(_ options: [String: String]) -> Bool {
        let defaults = PQconndefaults().map(Self.values) ?? [:]
        guard options["service"] == nil, defaults["service"] == nil else { return false }
        let hosts = ["hostaddr", "host"].compactMap { options[$0] ?? defaults[$0] }
        return hosts.allSatisfy { $0.split(separator: ",").allSatisfy(isLoopback) }
    }

    private static func isLoopback(_ host: Substring) -> Bool {
        if host == "localhost" || host == "::1" || host.hasPrefix("/") { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    private static func options(of url: Secret) -> [String: String]? {
        PQconninfoParse(url.reveal(), nil).map(values)
    }

    /// The keywords that have a value; frees the list.
    private static func values(of first: UnsafeMutablePointer<PQconninfoOption>) -> [String: String] {
        defer { PQconninfoFree(first) }
        var options: [String: String] = [:]
        var next = first
        while let keyword = next.pointee.keyword {
            if let value = next.pointee.val { options[String(cString: keyword)] = String(cString: value) }
            next += 1
        }
        return options
    }

    private static func masked(_ options: [String: String]) -> String {
        let user = options["user"].map { options["password"] == nil ? "\($0)@" : "\($0):•••@" } ?? ""
        let host = options["host"] ?? options["hostaddr"] ?? ""
        let port = options["port"].map { ":\($0)" } ?? ""
        return "postgres://\(user)\(host)\(port)/\(options["dbname"] ?? "")"
    }
}
