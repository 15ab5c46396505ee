import CLibPQ
import Foundation

/// A place for one connection: made when it is first needed, and made again when it was lost.
///
/// Only one task uses it at a time; the pool sees to that.
actor PooledConnection {
    enum Mode: Equatable {
        case read
        case write(WriteOptions)

        /// A read sees one moment and is never refused. What is set is set for the one transaction.
        var begin: String {
            switch self {
            case .read: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
            case .write(let options):
                switch (options.isolation, options.durability) {
                case (.serializable, .full): "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE"
                case (.readCommitted, .full): "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
                case (.serializable, .relaxed):
                    "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE; SET LOCAL synchronous_commit = off"
                case (.readCommitted, .relaxed):
                    "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL synchronous_commit = off"
                }
            }
        }
    }

    /// How often a transaction is begun that the server gives up in favour of others.
    private static let attemptLimit = 16

    nonisolated let gate = QueryCanceller()
    private nonisolated let executor = SessionExecutor()
    private let url: PostgresURL
    private let options: PostgresOptions
    private let backoff: ConnectBackoff
    private var link: LibPQConnection?

    init(_ url: PostgresURL, _ options: PostgresOptions, _ backoff: ConnectBackoff) {
        self.url = url
        self.options = options
        self.backoff = backoff
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Runs `body` in a transaction, and again while the server gives it up for another one. The gate, which has to be
    /// open, is closed afterwards.
    func transact<Result: Sendable>(
        _ mode: Mode, _ body: @Sendable (any Connection) throws -> Result
    ) throws -> Result {
        defer {
            // A late request to cancel must not meet the next transaction.
            if gate.close() || link?.isConnected == false { disconnect() }
        }
        var attempt = 1
        while true {
            do {
                return try runOnce(mode, body)
            } catch {
                guard !gate.isCancelled else { throw CancellationError() }
                guard !gate.isExpired else { throw DatabaseError.timedOut(database: url.masked) }
                guard attempt < Self.attemptLimit, let link, link.isConnected, mayRepeat(link.lastFailure) else {
                    throw error
                }
                pause(after: attempt)
                attempt += 1
            }
        }
    }

    func disconnect() {
        gate.attach(nil, socket: nil)
        link = nil
    }

    private func runOnce<Result: Sendable>(
        _ mode: Mode, _ body: @Sendable (any Connection) throws -> Result
    ) throws -> Result {
        guard !gate.isCancelled else { throw CancellationError() }
        let link = try begin(mode)
        do {
            let result = try body(PostgresConnection(link: link, gate: gate))
            try commit(link, mode)
            return result
        } catch {
            if link.isConnected, link.transactionStatus != PQTRANS_IDLE {
                // Should it fail, the connection is gone, and the transaction with it.
                do { try link.runScript("ROLLBACK") } catch { disconnect() }
            }
            throw error
        }
    }

    /// A connection that has been idle may be dead, which shows here, where it can be replaced without loss.
    private func begin(_ mode: Mode) throws(DatabaseError) -> LibPQConnection {
        if let link, link.isConnected {
            link.beginAgain()
            do {
                try link.begin(mode.begin)
                return link
            } catch {
                // Nor is it replaced for a task whose time is over: its connection was cut off, and the server may be
                // silent.
                guard !link.isConnected, !gate.isCancelled, !gate.isExpired else { throw error }
            }
        }
        let link = try connect()
        try link.begin(mode.begin)
        return link
    }

    private func connect() throws(DatabaseError) -> LibPQConnection {
        disconnect()
        try backoff.admit()
        // Why is told by `transact`.
        guard gate.beginConnecting() else { throw .timedOut(database: url.masked) }
        do {
            let link = try LibPQConnection(url, options)
            self.link = link
            // Before the server is asked for anything: it may be silent from now on.
            gate.attach(link.cancelHandle, socket: PQsocket(link.connection))
            try link.applySettings()
            backoff.succeeded()
            return link
        } catch {
            // Never to be used without its settings.
            disconnect()
            // That the task was cancelled says nothing about the server.
            if !gate.isCancelled { backoff.failed(error) }
            throw error
        }
    }

    private func commit(_ link: LibPQConnection, _ mode: Mode) throws(DatabaseError) {
        switch link.transactionStatus {
        case PQTRANS_INTRANS: break
        case PQTRANS_INERROR: throw .errorNotPassedOn
        default:
            guard link.isConnected else { throw .connectionLost(database: url.masked) }
            throw .failed(code: SQLState.noTransaction, detail: "the transaction was ended from inside")
        }
        do {
            try link.runScript("COMMIT")
        } catch .connectionLost where mode != .read {
            throw .outcomeUnknown(database: url.masked)
        }
    }

    private func mayRepeat(_ state: String?) -> Bool {
        guard let state else { return false }
        return SQLState.conflicts.contains(state) || state == SQLState.planChanged
            || options.pooling == .detected && SQLState.lostStatements.contains(state)
    }

    /// Up to 1 ms, 2 ms, 4 ms … 128 ms by chance, so that those that met do not meet again. The thread is this
    /// session's own.
    private func pause(after attempt: Int) {
        Thread.sleep(forTimeInterval: Double.random(in: 0...1) * 0.001 * Double(1 << min(attempt - 1, 7)))
    }
}
