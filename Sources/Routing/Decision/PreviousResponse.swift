public import GatewayCore

/// What is known about the stored response that a request continues.
public enum PreviousResponse: Sendable, Hashable {
    /// The decision says whether a look-up is needed, so that a request that is refused for another reason costs no
    /// query.
    case notLookedUp
    /// The result of the look-up; nil if no response has that id.
    case lookedUp(StoredResponse?)
}
