import CLibPQ
import Glibc

/// Why a connection cannot be made, and whether waiting helps.
///
/// libpq has no code for that, and the text of its message contains the host's name and what the server says. So what
/// decides is a second attempt, step by step, which shows how far it gets, and with a message that contains nothing but
/// the SQLSTATE where the server refuses (`PQERRORS_SQLSTATE`).
struct ConnectFailure {
    /// SQLSTATE classes that pass: the connection, resources, an operator or a start of the server.
    private static let passingClasses = ["08", "53", "57"]

    /// How libpq's own texts begin when the connection was lost. libpq gives nothing but a text for them, and within
    /// the TLS handshake and the login it tells them from a refusal by nothing else. The comparison begins behind the
    /// host's name, and ends before anything that is not fixed.
    private static let lossTexts = [
        "server closed the connection unexpectedly", "could not receive data from server: ",
        "could not send ", "SSL SYSCALL error: ", "SSL error: unexpected eof while reading",
        "SSL connection has been closed unexpectedly",
    ]

    /// Whether a server, a network or a name server that is out of order explains it.
    let mayPass: Bool

    /// - Parameters:
    ///   - connect: begins an attempt without blocking (`PQconnectStartParams`).
    ///   - areValid: whether libpq accepts the parameters.
    ///   - limit: for the attempt.
    static func find(
        _ connect: () -> OpaquePointer?, areValid: () -> Bool, within limit: Duration
    ) -> ConnectFailure {
        guard let connection = connect() else { return ConnectFailure(mayPass: true) }
        defer { PQfinish(connection) }
        _ = PQsetErrorVerbosity(connection, PQERRORS_SQLSTATE)
        guard PQstatus(connection) != CONNECTION_BAD else {
            // The parameters are wrong, or the name cannot be resolved, or the socket of a server is not there.
            return ConnectFailure(mayPass: areValid())
        }
        let deadline = ContinuousClock.now + limit
        var next = PGRES_POLLING_WRITING
        while true {
            let direction = next == PGRES_POLLING_READING ? POLLIN : POLLOUT
            var descriptor = pollfd(fd: PQsocket(connection), events: Int16(direction), revents: 0)
            let left = ContinuousClock.now.duration(to: deadline).milliseconds
            guard left > 0, poll(&descriptor, 1, Int32(clamping: left)) != 0 else {
                return ConnectFailure(mayPass: true)
            }
            let stage = PQstatus(connection)
            next = PQconnectPoll(connection)
            if next == PGRES_POLLING_OK { return ConnectFailure(mayPass: true) }
            if next == PGRES_POLLING_FAILED { return ConnectFailure(stage, connection) }
        }
    }

    private init(mayPass: Bool) {
        self.mayPass = mayPass
    }

    private init(_ stage: ConnStatusType, _ connection: OpaquePointer) {
        let message = ConnectMessage(connection)
        if let state = message.state {
            mayPass = Self.passingClasses.contains(where: state.hasPrefix)
        } else {
            mayPass =
                switch stage {
                case CONNECTION_SSL_STARTUP, CONNECTION_AWAITING_RESPONSE, CONNECTION_AUTH_OK:
                    Self.lossTexts.contains(where: message.text.hasPrefix)
                default: true
                }
        }
    }
}

/// What libpq says of the last address that it tried.
package struct ConnectMessage {
    /// Without the host's name: `Connection refused`.
    package let text: String
    /// The SQLSTATE, if the server has refused and the connection's verbosity is `PQERRORS_SQLSTATE`.
    package let state: String?

    init(_ connection: OpaquePointer) {
        self.init(
            String(cString: PQerrorMessage(connection)), host: PQhost(connection).map { String(cString: $0) } ?? "")
    }

    /// - Parameters:
    ///   - message: a line for each address, advice on indented lines, and what the server adds on further ones.
    ///   - host: of the last address: a name, an address or a socket's folder.
    package init(_ message: String, host: String) {
        let lines = message.split(separator: "\n").filter { $0.first?.isWhitespace == false }
        let line = lines.last { $0.hasPrefix("connection to server ") } ?? lines.last ?? ""
        let text = Self.withoutAddress(line, host: host)
        self.text = String(text)
        // `FATAL:  28P01`: the severity may be in another language.
        let code = text.suffix(5)
        let isCode = code.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) }
        state = isCode && code.utf8.count == 5 && text.dropLast(5).hasSuffix(":  ") ? String(code) : nil
    }

    /// `connection to server at "host" (address), port 5432 failed: text`. The host is skipped as a whole, so that
    /// nothing in it is taken for the text.
    private static func withoutAddress(_ line: Substring, host: String) -> Substring {
        var rest = line
        for start in ["connection to server at \"\(host)\"", "connection to server on socket \"\(host)/"]
        where rest.hasPrefix(start) {
            rest = rest.dropFirst(start.count)
            guard let end = rest.firstRange(of: " failed: ") else { return rest }
            return rest[end.upperBound...]
        }
        return rest
    }
}
