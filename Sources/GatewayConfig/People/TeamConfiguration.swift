public import GatewayCore

/// One entry of `teams`.
public struct TeamConfiguration: Sendable, Hashable {
    /// The name that users and keys refer to.
    public let key: String
    /// A name for display.
    public let name: String
    /// The budget of the whole team; nil for no limit.
    public let budget: BudgetConfiguration?
    /// The models that its members and keys may use.
    public let allowedModels: ModelGrant

    init(_ map: MappingReader) {
        key = map.required("key", .id) ?? ""
        name = map.value("name", .name, default: key)
        allowedModels = map.modelGrant("allowed_models")
        budget = map.optionalSection("budget", BudgetConfiguration.init)
        if key == ReservedNames.team {
            map.error("key", "\"\(key)\" is reserved for seeded keys without an owner; choose another key")
        } else if !key.isEmpty {
            map.context.declare(.team, key, at: map.place(of: "key"))
        }
    }
}
