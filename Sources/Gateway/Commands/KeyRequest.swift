import GatewayConfig
import GatewayCore

/// The arguments of `keys create`.
enum KeyRequest {
    static func owner(user: String?, team: String?) -> KeyOwner {
        if let user { return .user(user.lowercased()) }
        return team.map(KeyOwner.team) ?? .systemLegacy
    }

    static func grant(_ models: String, in configuration: GatewayConfiguration) throws -> ModelGrant {
        guard models != "all" else { return .all }
        let ids = models.split(separator: ",").map(String.init)
        let known = Set(configuration.models.map(\.id))
        let unknown = ids.filter { !known.contains($0) }
        guard !ids.isEmpty, unknown.isEmpty else {
            throw CommandFailure(
                .usage, ids.isEmpty ? "--models is empty." : "Unknown model \(unknown.joined(separator: ", ")).",
                hint: "Use `all`, or ids from this list: \(known.sorted().joined(separator: ", ")).")
        }
        return .listed(Set(ids))
    }
}

/// A span of time in its short form: `30s`, `90m`, `12h`, `30d`, `8w`.
struct Lifetime {
    let microseconds: Int64

    init?(_ text: String) {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]
        guard let unit = text.last.flatMap({ units[$0] }), let count = Int64(text.dropLast()),
            (1...100_000).contains(count)
        else { return nil }
        microseconds = count * unit * 1_000_000
    }
}
