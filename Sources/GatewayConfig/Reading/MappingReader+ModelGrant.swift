import GatewayCore

extension MappingReader {
    /// `all`, which is the default, or a list of declared model ids. A key that is there without either is an error,
    /// and never `all`; so is an empty list, which templates make of a variable that is not set.
    func modelGrant(_ key: String) -> ModelGrant {
        guard let node = node(key) else {
            if isPresent(key) { error(key, "has nothing behind it; write `all`, or the list of the models") }
            record(key, .text("all"))
            return .all
        }
        switch node.content {
        case .scalar(let scalar) where scalar.text == "all":
            record(key, .text("all"))
            return .all
        case .sequence(let items) where items.isEmpty:
            error(key, "lists no model, so nothing would be allowed; write `all`, or the list of the models")
            return .all
        case .sequence:
            let models = scalars(key, .modelID)
            for model in models { context.mention(.model, model.value, at: model.place) }
            return .listed(Set(models.map(\.value)))
        default:
            error(key, "must be `all` or a list of model ids")
            return .all
        }
    }
}
