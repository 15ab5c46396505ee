/// A `Connection` over a link, for one transaction.
struct PostgresConnection: Connection {
    let link: LibPQConnection
    let gate: QueryCanceller

    var dialect: SQLDialect { .postgres }

    @discardableResult
    func execute(_ sql: String, _ arguments: [SQLValue]) throws(DatabaseError) -> Int {
        try checkCancellation()
        return try link.run(sql, arguments).changes
    }

    func query(_ sql: String, _ arguments: [SQLValue]) throws(DatabaseError) -> [Row] {
        try checkCancellation()
        return try link.run(sql, arguments).rows()
    }

    func executeScript(_ sql: String) throws(DatabaseError) {
        try checkCancellation()
        try link.runScript(sql)
    }

    private func checkCancellation() throws(DatabaseError) {
        if gate.isCancelled { throw .cancelled }
    }
}
