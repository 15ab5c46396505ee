/// Why a key cannot be found.
public enum KeyServiceError: Error, Sendable, Hashable {
    /// No key has the public id or name.
    case notFound(String)
    /// Several valid keys have the name.
    case ambiguous(String, publicIDs: [String])

    /// One line for the operator.
    public var message: String {
        switch self {
        case .notFound(let text): "There is no key with the public id or name \(text)."
        case .ambiguous(let name, let publicIDs): "\(publicIDs.count) keys are named \(name)."
        }
    }

    /// What the operator can do about it.
    public var hint: String {
        switch self {
        case .notFound: "`gateway keys list` shows the keys."
        case .ambiguous(_, let publicIDs): "Give the public id: \(publicIDs.joined(separator: ", "))."
        }
    }
}
