import CLibPQ
import GatewayCore

/// One connection to the server, with its prepared statements. Its calls block.
final class LibPQConnection {
    /// Enough for every statement that the gateway has; what is beyond is prepared again.
    private static let statementLimit = 256

    let connection: OpaquePointer
    private var statements = StatementCache(limit: statementLimit)
    /// The masked URL, for errors.
    private let database: String
    /// The SQLSTATE of the last statement that failed; empty when the connection was lost.
    private(set) var lastFailure: String?

    /// Connects, for `connectTimeout` at most.
    init(_ url: PostgresURL, _ options: PostgresOptions) throws(DatabaseError) {
        database = url.masked
        // Those before `dbname` give way to what the URL says. A dead peer is noticed within about 15 s.
        let parameters = [
            ("connect_timeout", "\(max(1, options.connectTimeout.components.seconds))"),
            ("fallback_application_name", "sluice"), ("keepalives_idle", "10"), ("keepalives_interval", "5"),
            ("keepalives_count", "1"), ("tcp_user_timeout", "15000"), ("dbname", url.secret.reveal()),
            ("client_encoding", "UTF8"),
        ]
        let connection = Self.withPointers(to: parameters) { PQconnectdbParams($0, $1, 1) }
        guard let connection, PQstatus(connection) == CONNECTION_OK else {
            let message = connection.map { String(cString: PQerrorMessage($0)) } ?? "there is no memory left"
            PQfinish(connection)
            throw .notConnected(message, database: url.masked) {
                Self.withPointers(to: parameters) { PQpingParams($0, $1, 1) }
            }
        }
        self.connection = connection
        // The server's notices would go to standard error.
        _ = PQsetNoticeProcessor(connection, { _, _ in }, nil)
    }

    deinit { PQfinish(connection) }

    /// Sets what holds for every statement. It waits for the server without a limit, as every statement does, so
    /// the caller has to provide a way to cut the connection off (`QueryCanceller`).
    func applySettings(_ options: PostgresOptions) throws(DatabaseError) {
        try runScript(
            """
            SET statement_timeout = \(options.statementTimeout.milliseconds);
            SET lock_timeout = \(options.lockTimeout.milliseconds);
            SET idle_in_transaction_session_timeout = 60000;
            SET bytea_output = 'hex'; SET extra_float_digits = 1; SET TIME ZONE 'UTC';
            """)
    }

    var cancelHandle: CancelHandle? { CancelHandle(connection) }

    var isConnected: Bool { PQstatus(connection) == CONNECTION_OK }

    /// Where the connection is: between transactions, inside one, or inside one that has failed.
    var transactionStatus: PGTransactionStatusType { PQtransactionStatus(connection) }

    /// Runs statements without arguments; returns what the server says of the last one, such as `COMMIT`.
    @discardableResult
    func runScript(_ sql: String) throws(DatabaseError) -> String {
        try checked(PQexec(connection, sql)).tag
    }

    /// Runs one statement, prepared before or now.
    func run(_ sql: String, _ arguments: [SQLValue]) throws(DatabaseError) -> PostgresResult {
        let parameters = try PostgresParameters(arguments)
        let name = try prepared(sql, types: parameters.types)
        return try checked(
            parameters.withPointers { values in
                PQexecPrepared(
                    connection, name, Int32(values.count), values, parameters.lengths, parameters.formats, 0)
            })
    }

    /// Removes a recorded failure, and with it the statements if the failure was theirs.
    func beginAgain() {
        if lastFailure == SQLState.planChanged { try? discardStatements() }
        lastFailure = nil
    }

    private func discardStatements() throws(DatabaseError) {
        try runScript("DEALLOCATE ALL")
        statements.removeAll()
    }

    private func prepared(_ sql: String, types: [UInt32]) throws(DatabaseError) -> String {
        let key = StatementCache.Key(sql: sql, types: types)
        switch statements.name(for: key) {
        case .known(let name): return name
        case .new(let name, let dropped):
            do throws(DatabaseError) {
                try prepare(sql, types: types, name: name, dropping: dropped)
            } catch {
                statements.remove(key)
                throw error
            }
            return name
        }
    }

    private func prepare(_ sql: String, types: [UInt32], name: String, dropping: String?) throws(DatabaseError) {
        // The server would take arguments that no placeholder stands for.
        guard SQLPlaceholders.count(in: sql) == types.count else {
            throw .failed(code: SQLState.protocolViolation, detail: "\(types.count) arguments are the wrong number")
        }
        if let dropping { try runScript("DEALLOCATE \(dropping)") }
        _ = try checked(PQprepare(connection, name, sql, Int32(types.count), types))
    }

    private func checked(_ pointer: OpaquePointer?) throws(DatabaseError) -> PostgresResult {
        guard let pointer else {
            lastFailure = ""
            throw .connectionLost(database: database)
        }
        let result = PostgresResult(pointer)
        guard !result.isSuccess else { return result }
        let state = result.errorField("C") ?? ""
        lastFailure = state
        guard isConnected, !state.isEmpty else { throw .connectionLost(database: database) }
        throw DatabaseError(state: state, result: result, database: database)
    }

    /// Provides the names and the values as arrays of C strings that end with null.
    private static func withPointers<Result>(
        to parameters: [(name: String, value: String)],
        _ body: ([UnsafePointer<CChar>?], [UnsafePointer<CChar>?]) -> Result
    ) -> Result {
        let texts = parameters.map { (Array($0.name.utf8CString), Array($0.value.utf8CString)) }
        var names: [UnsafePointer<CChar>?] = []
        var values: [UnsafePointer<CChar>?] = []
        func collect(from index: Int) -> Result {
            guard index < texts.count else { return body(names + [nil], values + [nil]) }
            return texts[index].0.withUnsafeBufferPointer { name in
                texts[index].1.withUnsafeBufferPointer { value in
                    names.append(name.baseAddress)
                    values.append(value.baseAddress)
                    return collect(from: index + 1)
                }
            }
        }
        return collect(from: 0)
    }
}
