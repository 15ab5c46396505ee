/// A row of a query's answer. Reading a column that is absent, or of another type, is an error and never a guess.
public struct Row: Sendable, Hashable {
    /// A value as the engine returned it.
    enum Cell: Sendable, Hashable {
        case null
        case int64(Int64)
        case double(Double)
        case text(String)
        case blob([UInt8])
    }

    private let columns: [String]
    private let cells: [Cell]

    init(columns: [String], cells: [Cell]) {
        self.columns = columns
        self.cells = cells
    }

    /// The integer in `column`; an error if it is null or anything else.
    public func int64(_ column: String) throws(DatabaseError) -> Int64 {
        try required(column, optionalInt64(column))
    }

    /// The integer in `column`, or nil if it is null.
    public func optionalInt64(_ column: String) throws(DatabaseError) -> Int64? {
        switch try cell(column) {
        case .null: nil
        case .int64(let value): value
        default: throw mismatch(column, "an integer")
        }
    }

    /// The truth value in `column`, which is stored as 0 or 1; an error if it is anything else.
    public func bool(_ column: String) throws(DatabaseError) -> Bool {
        switch try int64(column) {
        case 0: false
        case 1: true
        default: throw mismatch(column, "0 or 1")
        }
    }

    /// The floating-point number in `column`; an error if it is null or anything else.
    public func double(_ column: String) throws(DatabaseError) -> Double {
        try required(column, optionalDouble(column))
    }

    /// The floating-point number in `column`, or nil if it is null.
    public func optionalDouble(_ column: String) throws(DatabaseError) -> Double? {
        switch try cell(column) {
        case .null: nil
        case .double(let value): value
        default: throw mismatch(column, "a floating-point number")
        }
    }

    /// The text in `column`; an error if it is null or anything else.
    public func text(_ column: String) throws(DatabaseError) -> String {
        try required(column, optionalText(column))
    }

    /// The text in `column`, or nil if it is null.
    public func optionalText(_ column: String) throws(DatabaseError) -> String? {
        switch try cell(column) {
        case .null: nil
        case .text(let value): value
        default: throw mismatch(column, "text")
        }
    }

    /// The bytes in `column`; an error if it is null or anything else.
    public func blob(_ column: String) throws(DatabaseError) -> [UInt8] {
        try required(column, optionalBlob(column))
    }

    /// The bytes in `column`, or nil if it is null.
    public func optionalBlob(_ column: String) throws(DatabaseError) -> [UInt8]? {
        switch try cell(column) {
        case .null: nil
        case .blob(let value): value
        default: throw mismatch(column, "bytes")
        }
    }

    private func cell(_ column: String) throws(DatabaseError) -> Cell {
        guard let index = columns.firstIndex(of: column) else {
            throw .unexpectedValue(column: column, reason: "the answer has no such column")
        }
        return cells[index]
    }

    private func required<Value>(_ column: String, _ value: Value?) throws(DatabaseError) -> Value {
        guard let value else { throw .unexpectedValue(column: column, reason: "it is null") }
        return value
    }

    private func mismatch(_ column: String, _ expected: String) -> DatabaseError {
        .unexpectedValue(column: column, reason: "it is not \(expected)")
    }
}
