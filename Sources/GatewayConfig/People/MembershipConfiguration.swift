public import GatewayCore

/// A user's membership of a team.
public struct MembershipConfiguration: Sendable, Hashable {
    /// A key of `teams`.
    public let team: String
    /// The user's role in the team.
    public let role: TeamRole

    init(_ map: MappingReader) {
        team = map.required("team", .id) ?? ""
        role = map.value("role", .choice, default: .member)
        if !team.isEmpty { map.context.mention(.team, team, at: map.place(of: "team")) }
    }
}
