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

    init(_ url: Secret) throws(DatabaseError) {
        guard let options = Self.options(of: url) else {
            // libpq's own message quotes the URL.
            throw .unreachable(database: "postgres://…", reason: "its URL cannot be read")
        }
        secret = url
        masked = Self.masked(options)
        isLocal = Self.isLocal(options)
    }

    /// libpq takes what the URL does not say from its defaults, and those from the environment (`PGHOST`,
    /// `PGHOSTADDR`).
    private static func isLocal(_ options: [String: String]) -> Bool {
        let defaults = PQconndefaults().map(Self.values) ?? [:]
        let hosts = ["hostaddr", "host"].compactMap { options[$0] ?? defaults[$0] }
        return hosts.allSatisfy { $0.split(separator: ",").allSatisfy(isLoopback) }
    }

    private static func isLoopback(_ host: Substring) -> Bool {
        if host == "localhost" || host == "::1" || host.hasPrefix("/") { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    private static func options(of url: Secret) -> [String: String]? {
        let text = url.reveal()
        guard text.hasPrefix("postgres://") || text.hasPrefix("postgresql://") else { return nil }
        return PQconninfoParse(text, nil).map(values)
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
