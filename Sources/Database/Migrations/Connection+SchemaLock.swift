extension Connection {
    /// Makes this transaction the only one that changes the schema, until it ends. Has to be its first statement.
    func lockSchema() throws(DatabaseError) {
        if let preamble = dialect.schemaChangePreamble { try executeScript(preamble) }
    }
}
