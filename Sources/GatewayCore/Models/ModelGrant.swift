/// The models that a key may ask for.
public enum ModelGrant: Sendable, Hashable {
    case all
    case listed(Set<String>)

    /// Whether a request for the model id `model` is granted. It is checked for the requested id, before aliases.
    public func allows(_ model: String) -> Bool {
        switch self {
        case .all: true
        case .listed(let models): models.contains(model)
        }
    }
}
