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
        // Class 08 is what a pooler says that has lost its server, or has no connection left.
        case _ where state.hasPrefix("08"): self = .connectionLost(database: database)
        case "57P01", "57P02", "57P03", "57P05": self = .connectionLost(database: database)
        case _ where SQLState.lostStatements.contains(state): self = .pooled(database: database)
        case _ where state.hasPrefix("23"): self = .constraint(name: Self.constraintName(state, result))
        // 54000: a row of an index is too long.
        case _ where state.hasPrefix("22") || state == "54000":
            self = .valueRefused(code: state, detail: result.errorField("M") ?? "")
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
}
