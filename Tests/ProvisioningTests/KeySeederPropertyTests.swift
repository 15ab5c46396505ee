import GatewayCore
import Provisioning
import Store
import Testing

/// What holds after any history of files and revokes.
@Suite struct KeySeederPropertyTests {
    private let ann = AuditActor(kind: .command, name: "ann")

    @Test(arguments: UInt64(1)...40)
    func `Seeding brings the keys in line, once, and never revives one`(history: UInt64) async throws {
        var random = SplitMix(state: history)
        try await withStore { store, database in
            var revoked: [String: Int64] = [:]
            for _ in 0..<8 {
                if Int.random(in: 0..<3, using: &random) == 0 {
                    let key = try await store.keys.all().randomElement(using: &random)
                    if let key { _ = try await store.keys.revoke(publicID: key.publicID, actor: ann) }
                }
                revoked.merge(try await revokeTimes(store)) { first, _ in first }
                let seeds = randomFile(using: &random)
                let outcome = try await seedKeys(seeds, into: store)
                let stored = Dictionary(uniqueKeysWithValues: try await store.keys.all().map { ($0.publicID, $0) })

                for entry in seeds {
                    let key = try #require(stored[entry.token.publicID])
                    #expect((key.revokedAt == nil) == (revoked[key.publicID] == nil))
                    guard key.revokedAt == nil else { continue }
                    guard !outcome.superseded.contains(entry.name) else {
                        // An old secret does not come back.
                        #expect(
                            !key.secrets.contains {
                                $0.hash == SecretHash(of: entry.token.secret) && $0.expiresAt == nil
                            })
                        continue
                    }
                    #expect(key.name == entry.name)
                    #expect(key.grant == entry.grant)
                    #expect(key.owner == entry.owner)
                    let current = key.secrets.filter { $0.expiresAt == nil }.map(\.hash)
                    #expect(current == [SecretHash(of: entry.token.secret)])
                }
                for (publicID, time) in revoked { #expect(stored[publicID]?.revokedAt == time) }
                let listed = Set(seeds.map(\.token.publicID))
                let others = stored.values.filter { $0.revokedAt == nil && !listed.contains($0.publicID) }.map(\.name)
                let names = Set(seeds.map(\.name))
                #expect(others.filter { !names.contains($0) }.sorted() == outcome.unlisted)
                // The value in effect stays beside an old one that the file lists.
                let kept = Set(others).intersection(names)
                #expect(kept.isSubset(of: outcome.stillRevoked + outcome.superseded))

                let traces = try await Traces(store, database)
                let again = try await seedKeys(seeds.shuffled(using: &random), into: store)
                #expect(!again.isChanged)
                #expect(try await Traces(store, database) == traces)
                revoked.merge(try await revokeTimes(store)) { first, _ in first }
            }
        }
    }

    private func revokeTimes(_ store: GatewayStore) async throws -> [String: Int64] {
        var times: [String: Int64] = [:]
        for key in try await store.keys.all() { times[key.publicID] = key.revokedAt }
        return times
    }

    /// Up to four names, each with one of six values, so that values move between names often.
    private func randomFile(using random: inout SplitMix) -> [KeySeed] {
        let count = Int.random(in: 0...4, using: &random)
        let names = ["a", "b", "c", "d"].shuffled(using: &random).prefix(count)
        let values = (1...6).map { "value\($0)" }.shuffled(using: &random)
        return zip(names, values).map { name, value in
            seed(
                name, value, secret: Bool.random(using: &random) ? "one" : "two",
                grant: Bool.random(using: &random) ? .all : .listed(["m"]),
                owner: Bool.random(using: &random) ? .systemLegacy : .team("core"))
        }
    }
}

/// SplitMix64: the same numbers for the same state, so that a failure can be repeated.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
