public import GatewayCore

/// One entry of `teams`.
public struct TeamConfiguration: Sendable, Hashable {
    /// What users and keys refer to it by.
    public let key: String
    /// For people.
    public let name: String
    /// What the whole team may spend; nil for no limit.
    public let budget: BudgetConfiguration?
    /// Which models its members and keys may ask for.
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
