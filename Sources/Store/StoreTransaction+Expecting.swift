extension StoreTransaction {
    /// Refuses a change by a caller who has seen another state than the stored one.
    ///
    /// The transaction is serializable, so what was read here is what the change then meets.
    /// - Parameters:
    ///   - version: what was seen; nil for a change that is made whatever is stored.
    ///   - current: what is stored; nil if nothing is.
    /// - Throws: `StoreError.stale`.
    func expect(_ version: Int64?, of current: (some Versioned)?) throws(StoreError) {
        guard let version, version != current?.version else { return }
        throw .stale(current: current?.stored)
    }

    /// The state that a change begins from: `known`, or what is stored if a version of it is expected.
    ///
    /// - Throws: `StoreError.stale`.
    func current<Record: Versioned>(
        _ known: Record, expecting version: Int64?, _ read: () throws -> Record?
    ) throws -> Record {
        guard version != nil else { return known }
        let current = try read()
        try expect(version, of: current)
        return current ?? known
    }
}
