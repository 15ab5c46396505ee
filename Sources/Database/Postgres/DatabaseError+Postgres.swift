import CLibPQ

extension DatabaseError {
    /// What a server's refusal means, by its SQLSTATE (https://www.postgresql.org/docs/15/errcodes-appendix.html).
    init(state: String, result: borrowing PostgresResult, database: String) {
        switch state {
        case "42501", "3F000": self = .notPermitted(database: database)
        case "25006": self = .readOnly(database: database)
        case "40001", "40P01": self = .conflict(database: database)
        case "53100": self = .full(database: database)
        case "55P03": self = .locked(database: database)
        case "57014": self = .timedOut(database: database)
        case "57P01", "57P02", "57P03", "57P05": self = .connectionLost(database: database)
        case _ where state.hasPrefix("23"): self = .constraint(name: Self.constraintName(state, result))
        default: self = .failed(code: state, detail: result.errorField("M") ?? "")
        }
    }

    private static func constraintName(_ state: String, _ result: borrowing PostgresResult) -> String? {
        if let name = result.errorField("n") { return name }
        // Before version 18 a missing value has no constraint's name.
        guard state == "23502", let table = result.errorField("t"), let column = result.errorField("c") else {
            return nil
        }
        return "\(table)_\(column)_not_null"
    }

    /// Why a connection could not be made. libpq gives a text only: a line for each address, and advice on indented
    /// lines.
    ///
    /// - Parameter ping: what the server says to a client without a password.
    static func notConnected(_ message: String, database: String, ping: () -> PGPing) -> DatabaseError {
        let lines = message.split(separator: "\n").filter { $0.first?.isWhitespace == false }
        var reason = lines.last.map(String.init) ?? "the server does not answer"
        for marker in [" failed: ", "FATAL:  "] {
            if let range = reason.firstRange(of: marker) { reason = String(reason[range.upperBound...]) }
        }
        return mayPass(reason, ping)
            ? .unreachable(database: database, reason: reason) : .refused(database: database, reason: reason)
    }

    private static func mayPass(_ reason: String, _ ping: () -> PGPing) -> Bool {
        // One more attempt would take as long.
        if reason.contains("timeout expired") { return true }
        if ["SSL", "certificate", "invalid"].contains(where: reason.contains) { return false }
        return switch ping() {
        // It takes connections, but not this one; unless it just has no place.
        case PQPING_OK: ["too many", "connection slots"].contains(where: reason.contains)
        // libpq finds the parameters wrong.
        case PQPING_NO_ATTEMPT: false
        default: true
        }
    }
}
