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
    private let options: PostgresOptions
    /// Whether each transaction may run on another connection of the server.
    private(set) var isPooled: Bool
    /// The SQLSTATE of the last statement that failed; empty when the connection was lost.
    private(set) var lastFailure: String?

    /// Connects, for `connectTimeout` at most.
    init(_ url: PostgresURL, _ options: PostgresOptions) throws(DatabaseError) {
        database = url.masked
        self.options = options
        isPooled = options.pooling == .always
        // Those before `dbname` give way to what the URL says. A dead peer is noticed within about 15 s.
        let parameters = [
            ("connect_timeout", "\(max(1, options.connectTimeout.components.seconds))"),
            ("fallback_application_name", "sluice"), ("keepalives_idle", "10"), ("keepalives_interval", "5"),
            ("keepalives_count", "1"), ("tcp_user_timeout", "15000"), ("dbname", url.secret.reveal()),
            ("client_encoding", "UTF8"),
        ]
        let began = ContinuousClock.now
        let connection = Self.withPointers(to: parameters) { PQconnectdbParams($0, $1, 1) }
        guard let connection, PQstatus(connection) == CONNECTION_OK else {
            let message = connection.map { ConnectMessage($0).text } ?? "there is no memory left"
            PQfinish(connection)
            let reason = message.isEmpty ? "the server does not answer" : message.replacing("FATAL:  ", with: "")
            throw Self.mayPass(parameters, url, options, after: began.duration(to: .now))
                ? .unreachable(database: url.masked, reason: reason) : .refused(database: url.masked, reason: reason)
        }
        self.connection = connection
        // The server's notices would go to standard error.
        _ = PQsetNoticeProcessor(connection, { _, _ in }, nil)
    }

    deinit { PQfinish(connection) }

    /// Whether the failure of an attempt that took `time` may pass.
    private static func mayPass(
        _ parameters: [(name: String, value: String)], _ url: PostgresURL, _ options: PostgresOptions,
        after time: Duration
    ) -> Bool {
        let limit = url.connectTimeout.flatMap { $0 > .zero ? $0 : nil } ?? options.connectTimeout
        // The server is silent, and one more attempt would take as long. libpq takes up to a second less than asked.
        guard time < max(limit - .seconds(1), .milliseconds(900)) else { return true }
        return ConnectFailure.find(
            { withPointers(to: parameters) { PQconnectStartParams($0, $1, 1) } },
            areValid: { withPointers(to: parameters) { PQpingParams($0, $1, 1) } != PQPING_NO_ATTEMPT }, within: limit
        ).mayPass
    }

    /// Sets what holds for every statement. It waits for the server without a limit, as every statement does, so
    /// the caller has to provide a way to cut the connection off (`QueryCanceller`).
    func applySettings() throws(DatabaseError) {
        try detectPooler()
        if !isPooled { try runScript(settings("SET")) }
    }

    /// Behind a pooler the client gets the number of no server process, and no setting outlives a transaction.
    func detectPooler() throws(DatabaseError) {
        guard options.pooling == .detected else { return }
        let process = try checked(PQexec(connection, "SELECT pg_backend_pid() AS pid")).rows().first?.int64("pid")
        isPooled = process != Int64(PQbackendPID(connection))
    }

    /// Begins a transaction, with the settings that no connection keeps.
    func begin(_ statement: String) throws(DatabaseError) {
        try runScript(isPooled ? "\(statement); \(settings("SET LOCAL"))" : statement)
    }

    private func settings(_ set: String) -> String {
        """
        \(set) statement_timeout = \(options.statementTimeout.milliseconds);
        \(set) lock_timeout = \(options.lockTimeout.milliseconds);
        \(set) idle_in_transaction_session_timeout = 60000;
        \(set) bytea_output = 'hex'; \(set) extra_float_digits = 1; \(set) TIME ZONE 'UTC';
        """
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

    /// Runs one statement, prepared before or now; behind a pooler, without a name.
    func run(_ sql: String, _ arguments: [SQLValue]) throws(DatabaseError) -> PostgresResult {
        let parameters = try PostgresParameters(arguments)
        if isPooled {
            try checkCount(of: parameters.types, in: sql)
            return try checked(
                parameters.withPointers { values in
                    PQexecParams(
                        connection, sql, Int32(values.count), parameters.types, values, parameters.lengths,
                        parameters.formats, 0)
                })
        }
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
        if let lastFailure, options.pooling == .detected, SQLState.lostStatements.contains(lastFailure) {
            // A pooler that keeps the numbers of the server's processes.
            isPooled = true
            statements.removeAll()
        }
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
        try checkCount(of: types, in: sql)
        if let dropping { try runScript("DEALLOCATE \(dropping)") }
        _ = try checked(PQprepare(connection, name, sql, Int32(types.count), types))
    }

    /// The server would take arguments that no placeholder stands for.
    private func checkCount(of types: [UInt32], in sql: String) throws(DatabaseError) {
        guard SQLPlaceholders.count(in: sql) == types.count else {
            throw .failed(code: SQLState.protocolViolation, detail: "\(types.count) arguments are the wrong number")
        }
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
