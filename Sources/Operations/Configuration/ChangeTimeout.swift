/// A change of the configuration, or the one before it, has not ended within its time. It may still take effect.
public struct ChangeTimeout: Error, Sendable, Hashable, CustomStringConvertible {
    /// The time for waiting and for the change.
    public let limit: Duration

    /// One line for the operator.
    public var description: String {
        "The change was not complete within \(limit), and may still take effect; the log says when it ends."
            + " Check the database and the files that the configuration names."
    }
}
