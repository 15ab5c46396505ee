/// The gateway cannot listen on `server.bind`.
public struct BindFailure: Error, Sendable, CustomStringConvertible {
    let address: String
    let reason: String

    /// One line for the operator.
    public var description: String { "Cannot listen on \(address): \(reason)." }

    /// What the operator can do about it.
    public var hint: String { "Stop the other listener, or set `server.bind` to another address." }
}
