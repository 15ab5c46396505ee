import Database
import GatewayCore

/// A choice of keys and their order. Its condition is one of few texts, so that each statement is prepared once.
struct KeyQuery {
    private var conditions: [String] = []
    private var order = PageRequest.Order.oldestFirst
    /// The placeholder of the limit.
    private var limit: String?
    private(set) var arguments: [SQLValue] = []

    /// Keys of this public id: one at most.
    static func publicID(_ publicID: String) -> KeyQuery {
        var query = KeyQuery()
        query.require("k.public_id = \(query.bind(.text(publicID)))")
        return query
    }

    /// Keys of exactly this name, oldest first.
    static func name(_ name: String) -> KeyQuery {
        var query = KeyQuery()
        query.require("k.name = \(query.bind(.text(name)))")
        return query
    }

    /// Keys that `manager` owns, oldest first.
    static func managedBy(_ manager: ManagedBy) -> KeyQuery {
        var query = KeyQuery()
        query.require("k.managed_by = \(query.bind(.text(manager.rawValue)))")
        return query
    }

    /// One page of a list, and one key more if others follow it.
    ///
    /// - Parameter now: microseconds since 1970 UTC.
    static func page(_ page: PageRequest, of filter: KeyFilter, now: Int64) -> KeyQuery {
        var query = KeyQuery()
        query.add(filter, now: now)
        if let cursor = page.cursor {
            let place = "\(query.bind(.int64(cursor.createdAt))), \(query.bind(.text(cursor.id)))"
            query.require("(k.created_at, k.id) \(page.order == .oldestFirst ? ">" : "<") (\(place))")
        }
        query.order = page.order
        query.limit = query.bind(.int64(Int64(page.limit) + 1))
        return query
    }

    /// What follows the tables in a query of `api_keys k`.
    var clauses: String {
        let direction = order == .oldestFirst ? "" : " DESC"
        let ordering = "ORDER BY k.created_at\(direction), k.id\(direction)"
        let condition = conditions.isEmpty ? "" : "WHERE \(conditions.joined(separator: " AND ")) "
        return "\(condition)\(ordering)\(limit.map { " LIMIT \($0)" } ?? "")"
    }

    private mutating func add(_ filter: KeyFilter, now: Int64) {
        switch filter.owner {
        case .user(let email): require("k.user_id = (SELECT id FROM users WHERE email = \(bind(.text(email))))")
        case .team(let key): require("k.team_id = (SELECT id FROM teams WHERE key = \(bind(.text(key))))")
        case nil: break
        }
        switch filter.status {
        case .active:
            require("k.revoked_at IS NULL")
            require("(k.expires_at IS NULL OR k.expires_at > \(bind(.int64(now))))")
        case .expired:
            require("k.revoked_at IS NULL")
            require("k.expires_at <= \(bind(.int64(now)))")
        case .revoked: require("k.revoked_at IS NOT NULL")
        case nil: break
        }
        if let text = filter.text, !text.isEmpty {
            let pattern = bind(.text("%\(Self.escaped(text))%"))
            require(#"(lower(k.name) LIKE \#(pattern) ESCAPE '!' OR lower(k.public_id) LIKE \#(pattern) ESCAPE '!')"#)
        }
    }

    private mutating func require(_ condition: String) {
        conditions.append(condition)
    }

    /// The placeholder of a new argument.
    private mutating func bind(_ argument: SQLValue) -> String {
        arguments.append(argument)
        return "$\(arguments.count)"
    }

    /// For LIKE, in small letters as `lower` makes them on both engines: those of ASCII.
    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            if "%_!".unicodeScalars.contains(scalar) { escaped.append("!") }
            let isCapital = ("A"..."Z").contains(scalar)
            escaped.unicodeScalars.append(isCapital ? Unicode.Scalar(UInt8(scalar.value) | 0x20) : scalar)
        }
        return escaped
    }
}
