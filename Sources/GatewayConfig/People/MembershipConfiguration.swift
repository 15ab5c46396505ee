public import GatewayCore

/// A person's place in a team.
public struct MembershipConfiguration: Sendable, Hashable {
    /// A key of `teams`.
    public let team: String
    /// What the person may do there.
    public let role: TeamRole

    init(_ map: MappingReader) {
        team = map.required("team", .id) ?? ""
        role = map.value("role", .choice, default: .member)
        if !team.isEmpty { map.context.mention(.team, team, at: map.place(of: "team")) }
    }
}
