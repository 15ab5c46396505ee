extension Database {
    /// Runs `body` in the only transaction that changes the schema.
    ///
    /// - Throws: `DatabaseError.locked` while another gateway changes the schema.
    ///
    /// Each of its statements sees what was committed before it, and so what the other gateways did meanwhile.
    func changeSchema<Result: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> Result) async throws
        -> Result
    {
        try await write(WriteOptions(isolation: .readCommitted), within: nil) { connection in
            if let preamble = connection.dialect.schemaChangePreamble { try connection.executeScript(preamble) }
            return try body(connection)
        }
    }
}
