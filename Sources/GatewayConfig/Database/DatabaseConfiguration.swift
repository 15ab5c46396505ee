public import GatewayCore

/// The `database` section.
public struct DatabaseConfiguration: Sendable, Hashable {
    /// The engine. `libsql` and `sqlite` both mean a local file in SQLite's format.
    public enum Kind: String, Sendable, CaseIterable {
        case libsql, sqlite, postgres
    }

    /// The engine.
    public let kind: Kind
    /// The file's path, relative to the working directory. Ignored for `postgres`.
    public let path: String
    /// The server's URL, with its password. Present for `postgres`.
    public let url: Secret?
    /// The maximum number of connections.
    public let maxConnections: Int
    /// Whether a pooler stands before the server that gives each transaction another connection; nil to find out.
    public let isPooled: Bool?

    /// Whether the database is a local file, which only one gateway uses.
    public var isLocal: Bool { kind != .postgres }

    /// The path of a local database file.
    var localPath: String? { isLocal ? path : nil }

    init(_ map: MappingReader) {
        let written = map.optional("kind", .choice, default: map.node("url") == nil ? Kind.libsql : .postgres)
        kind = written ?? .libsql
        path = map.value("path", .filePath, default: "./gateway.db")
        url = map.optionalSecret("url")
        maxConnections = map.value("max_connections", .integer(in: 1...1000), default: 10)
        isPooled = map.optional("pooled", .flag)
        check(map, kind: written)
    }

    private func check(_ map: MappingReader, kind: Kind?) {
        if let url, !PostgresURLSyntax.hasScheme(url) {
            map.error("url", "the value must start with postgres:// or postgresql://")
        } else if let url, !PostgresURLSyntax.accepts(url) {
            map.error("url", "the value must \(PostgresURLSyntax.rule)")
        }
        if kind == .postgres, map.node("url") == nil {
            map.missing("url", "the server's URL, such as env.POSTGRES_URL, when kind is postgres")
        } else if kind == .sqlite || kind == .libsql, map.node("url") != nil {
            map.context.warning(at: map.place(of: "url"), "has no effect, because kind is \(kind?.rawValue ?? "")")
        }
    }

    /// The default path of a file: in the folder of the database file, or in the working directory for a server.
    static func sibling(_ name: String, of path: String?) -> String {
        guard let slash = path?.lastIndex(of: "/"), let path else { return "./\(name)" }
        return "\(path[...slash])\(name)"
    }
}

extension ScalarKind where Value == String {
    /// A URL is refused: it would be shown with its password, as paths are, and make a file of that name.
    fileprivate static var filePath: ScalarKind {
        .string("the path of a file, not a URL; a server's URL belongs in database.url, as a secret", show: { $0 }) {
            $0.isEmpty || $0.contains("://") || $0.utf8.contains(0) ? nil : $0
        }
    }
}
