extension DatabaseError {
    /// What a server's refusal means, by its SQLSTATE (https://www.postgresql.org/docs/15/errcodes-appendix.html).
    init(state: String, result: borrowing PostgresResult, database: String) {
        switch state {
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

    /// Why a connection could not be made. libpq gives a text only: a line for each address, and advice on indented lines.
    ///
    /// - Parameter isAccepting: whether the server takes connections as such, so that one that it refuses is not welcome.
    static func notConnected(_ message: String, database: String, isAccepting: () -> Bool) -> DatabaseError {
        let lines = message.split(separator: "\n").filter { $0.first?.isWhitespace == false }
        var reason = lines.last.map(String.init) ?? "the server does not answer"
        let isFromServer = reason.contains("FATAL:")
        for marker in [" failed: ", "FATAL:  "] {
            if let range = reason.firstRange(of: marker) { reason = String(reason[range.upperBound...]) }
        }
        let isFull = ["too many", "connection slots"].contains(where: reason.contains)
        let isAboutTLS = ["SSL", "certificate"].contains(where: reason.contains)
        return isAboutTLS || (isFromServer && !isFull && isAccepting())
            ? .refused(database: database, reason: reason) : .unreachable(database: database, reason: reason)
    }
}
