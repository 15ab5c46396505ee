/// Arguments in libpq's form. Numbers go as text, which the server reads exactly; bytes go as they are.
struct PostgresParameters {
    /// From the server's catalogue `pg_type`, fixed since its beginnings.
    enum TypeOID {
        static let bool: UInt32 = 16
        static let bytea: UInt32 = 17
        static let int8: UInt32 = 20
        static let int2: UInt32 = 21
        static let int4: UInt32 = 23
        static let text: UInt32 = 25
        static let float4: UInt32 = 700
        static let float8: UInt32 = 701
    }

    let types: [UInt32]
    let formats: [Int32]
    private let values: [[UInt8]?]
    let lengths: [Int32]

    init(_ arguments: [SQLValue]) throws(DatabaseError) {
        guard !arguments.contains(where: \.hasZeroInText) else { throw .zeroInText }
        types = arguments.map(\.typeOID)
        formats = arguments.map { if case .blob = $0 { 1 } else { 0 } }
        values = arguments.map(\.bytes)
        lengths = values.map { Int32(clamping: $0?.count ?? 0) }
    }

    /// Provides the values as C strings, nil for null.
    func withPointers<Result>(_ body: ([UnsafePointer<CChar>?]) -> Result) -> Result {
        var buffer: [CChar] = []
        var offsets: [Int?] = []
        for value in values {
            offsets.append(value.map { _ in buffer.count })
            if let value {
                buffer.append(contentsOf: value.lazy.map { CChar(bitPattern: $0) })
                buffer.append(0)
            }
        }
        return buffer.withUnsafeBufferPointer { buffer in
            body(offsets.map { offset in offset.flatMap { buffer.baseAddress?.advanced(by: $0) } })
        }
    }
}

extension SQLValue {
    fileprivate var typeOID: UInt32 {
        switch self {
        case .int64: PostgresParameters.TypeOID.int8
        case .double: PostgresParameters.TypeOID.float8
        case .text: PostgresParameters.TypeOID.text
        case .blob: PostgresParameters.TypeOID.bytea
        }
    }

    fileprivate var bytes: [UInt8]? {
        switch self {
        case .int64(let value): value.map { Array("\($0)".utf8) }
        case .double(let value): value.map { Array("\($0)".utf8) }
        case .text(let value): value.map { Array($0.utf8) }
        case .blob(let value): value
        }
    }
}
