import CLibPQ

/// A server's answer to one statement.
struct PostgresResult: ~Copyable {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit { PQclear(pointer) }

    var isSuccess: Bool {
        [PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY].contains(PQresultStatus(pointer))
    }

    /// What the server says it did, such as `INSERT 0 1` or `COMMIT`.
    var tag: String { String(cString: PQcmdStatus(pointer)) }

    /// How many rows were inserted, updated or deleted.
    var changes: Int {
        tag.hasPrefix("SELECT") ? 0 : Int(String(cString: PQcmdTuples(pointer))) ?? 0
    }

    func errorField(_ field: Character) -> String? {
        guard let code = field.asciiValue, let text = PQresultErrorField(pointer, Int32(code)) else { return nil }
        return String(cString: text)
    }

    func rows() throws(DatabaseError) -> [Row] {
        let width = PQnfields(pointer)
        let columns = (0..<width).map { String(cString: PQfname(pointer, $0)) }
        let types = (0..<width).map { PQftype(pointer, $0) }
        var rows: [Row] = []
        rows.reserveCapacity(Int(PQntuples(pointer)))
        for row in 0..<PQntuples(pointer) {
            var cells: [Row.Cell] = []
            cells.reserveCapacity(columns.count)
            for column in 0..<width {
                cells.append(try cell(row, column, type: types[Int(column)], name: columns[Int(column)]))
            }
            rows.append(Row(columns: columns, cells: cells))
        }
        return rows
    }

    /// A `numeric`, which a sum of integers is here, stays a text: a missing cast is an error and never a guess.
    private func cell(
        _ row: Int32, _ column: Int32, type: UInt32, name: String
    ) throws(DatabaseError) -> Row.Cell {
        guard PQgetisnull(pointer, row, column) == 0 else { return .null }
        let length = Int(PQgetlength(pointer, row, column))
        let bytes = UnsafeRawBufferPointer(start: PQgetvalue(pointer, row, column), count: length)
        let text = String(decoding: bytes, as: UTF8.self)
        switch type {
        case PostgresParameters.TypeOID.int8, PostgresParameters.TypeOID.int4, PostgresParameters.TypeOID.int2:
            guard let number = Int64(text) else { throw .unexpectedValue(column: name, reason: "it is not an integer") }
            return .int64(number)
        case PostgresParameters.TypeOID.bool: return .int64(text == "t" ? 1 : 0)
        case PostgresParameters.TypeOID.float8, PostgresParameters.TypeOID.float4:
            guard let number = Double(text) else { throw .unexpectedValue(column: name, reason: "it is not a number") }
            return .double(number)
        case PostgresParameters.TypeOID.bytea:
            guard let blob = Self.bytes(hex: bytes) else {
                throw .unexpectedValue(column: name, reason: "it is not in the hexadecimal form of bytes")
            }
            return .blob(blob)
        default: return .text(text)
        }
    }

    /// `\x00ff0a`, the server's form of bytes.
    private static func bytes(hex: UnsafeRawBufferPointer) -> [UInt8]? {
        guard hex.starts(with: #"\x"#.utf8), hex.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(hex.count / 2 - 1)
        for index in stride(from: 2, to: hex.count, by: 2) {
            guard let high = Character(UnicodeScalar(hex[index])).hexDigitValue,
                let low = Character(UnicodeScalar(hex[index + 1])).hexDigitValue
            else { return nil }
            bytes.append(UInt8(high << 4 | low))
        }
        return bytes
    }
}
