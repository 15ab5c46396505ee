import Database
import GatewayCore
import Provisioning
import Store
import Testing

/// After any history of files: the database has what the file lists, a second run changes no row, and an edit changes
/// exactly the edited rows.
@Suite struct SeedPropertyTests {
    @Test(arguments: UInt64(1)...25)
    func `Seeding changes exactly what was edited`(history: UInt64) async throws {
        var random = SplitMix(state: history)
        try await withStore { store, database in
            var file = RandomFile(using: &random)
            _ = try await Seeder.seed(file.seed, into: store)
            for _ in 0..<6 {
                let before = try await contents(database)
                let unchanged = try await Seeder.seed(file.shuffled(using: &random).seed, into: store)
                #expect(!unchanged.isChanged)
                #expect(try await contents(database) == before)

                let edited = file.edited(using: &random)
                let report = try await Seeder.seed(edited.seed, into: store)
                let after = try await contents(database)
                try await expectStored(edited, store)
                let touched = Set(
                    report.subjects.flatMap { name, outcome in
                        (outcome.created + outcome.updated + outcome.retired + outcome.released).map { "\(name) \($0)" }
                    })
                #expect(touched == file.differences(from: edited))
                // Rows of unedited entries stay unchanged.
                for (row, text) in before where after[row] != text {
                    #expect(touched.contains { $0.hasSuffix(" " + (row.split(separator: " ").last ?? "")) }, "\(row)")
                }
                file = edited
            }
        }
    }

    private func expectStored(_ file: RandomFile, _ store: GatewayStore) async throws {
        let (teams, providers, models) = try await store.read { reader in
            (try reader.teams(), try reader.providers(), try reader.models())
        }
        for (key, team) in file.teams { #expect(teams.first { $0.definition.key == key }?.definition == team) }
        #expect(
            Dictionary(
                uniqueKeysWithValues: providers.filter { !$0.isRetired }.map { ($0.definition.id, $0.definition) })
                == file.providers)
        #expect(
            Dictionary(uniqueKeysWithValues: models.filter { !$0.isRetired }.map { ($0.definition.id, $0.definition) })
                == file.models)
    }

    /// Every row of tables with a version, as text, by table and name.
    private func contents(_ database: any Database) async throws -> [String: String] {
        let tables = [
            ("teams", "key"), ("providers", "id"), ("models", "id"), ("routes", "model_id || '#' || position"),
        ]
        return try await database.read { connection in
            var rows: [String: String] = [:]
            for (table, name) in tables {
                for row in try connection.query("SELECT *, \(name) AS row_name FROM \(table)") {
                    // A route belongs to its model.
                    let name = try row.text("row_name").split(separator: "#")
                    rows["\(table) \(name.dropFirst().joined()) \(name[0])"] = "\(row)"
                }
            }
            return rows
        }
    }
}

/// A file with some of four teams, three providers and five models.
private struct RandomFile {
    var teams: [String: TeamDefinition] = [:]
    var providers: [String: ProviderDefinition] = [:]
    var models: [String: ModelDefinition] = [:]
    private var order: [Int] = []

    init(using random: inout SplitMix) {
        providers["p0"] = ProviderDefinition(id: "p0", settings: "{}")
        for _ in 0..<6 { edit(using: &random) }
    }

    var seed: Seed {
        var seed = Seed()
        seed.teams = Array(teams.values)
        seed.providers = Array(providers.values)
        seed.models = Array(models.values)
        if order.count == 3 {
            seed.teams.sort { order[0] == 0 ? $0.key < $1.key : $0.key > $1.key }
            seed.models.sort { order[1] == 0 ? $0.id < $1.id : $0.id > $1.id }
        }
        return seed
    }

    func shuffled(using random: inout SplitMix) -> RandomFile {
        var copy = self
        copy.order = (0..<3).map { _ in Int.random(in: 0...1, using: &random) }
        return copy
    }

    func edited(using random: inout SplitMix) -> RandomFile {
        var copy = self
        for _ in 0..<Int.random(in: 1...3, using: &random) { copy.edit(using: &random) }
        return copy
    }

    /// `subject name` of every entry that differs there.
    func differences(from other: RandomFile) -> Set<String> {
        Self.differences("teams", teams, other.teams).union(Self.differences("providers", providers, other.providers))
            .union(Self.differences("models", models, other.models))
    }

    private static func differences<Value: Equatable>(
        _ subject: String, _ left: [String: Value], _ right: [String: Value]
    ) -> Set<String> {
        Set(Set(left.keys).union(right.keys).filter { left[$0] != right[$0] }.map { "\(subject) \($0)" })
    }

    private mutating func edit(using random: inout SplitMix) {
        let number = Int.random(in: 0..<5, using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: teams["t\(number)"] = nil
        case 1:
            teams["t\(number)"] = TeamDefinition(
                key: "t\(number)", name: "Team \(Int.random(in: 0..<3, using: &random))",
                allowedModels: Bool.random(using: &random) ? .all : .listed(["m\(number)"]))
        case 2: models["m\(number)"] = nil
        case 3:
            providers["p\(number)"] = ProviderDefinition(
                id: "p\(number)", settings: #"{"seed":\#(Int.random(in: 0..<3, using: &random))}"#)
        default: models["m\(number)"] = model("m\(number)", using: &random)
        }
        // As in a valid file: targets of references exist.
        models = models.filter { _, model in
            model.aliasOf.map { models[$0] != nil && models[$0]?.aliasOf == nil } ?? true
        }
    }

    private func model(_ id: String, using random: inout SplitMix) -> ModelDefinition {
        let target = models.values.filter { $0.aliasOf == nil && $0.id != id }.map(\.id).sorted()
            .randomElement(using: &random)
        let isAlias = target != nil && Int.random(in: 0..<3, using: &random) == 0
        let routes = (0..<Int.random(in: 1...3, using: &random)).map { _ in
            RouteDefinition(
                provider: providers.keys.sorted().randomElement(using: &random) ?? "p0", upstreamModel: "x",
                priority: Int.random(in: 0..<3, using: &random), weight: Double(Int.random(in: 0..<3, using: &random)),
                isEnabled: Bool.random(using: &random), options: "{}")
        }
        return ModelDefinition(
            id: id, description: Bool.random(using: &random) ? "text" : nil,
            tags: Bool.random(using: &random) ? ["a", "b"] : [], rank: Int.random(in: 0..<3, using: &random),
            aliasOf: isAlias ? target : nil, routes: isAlias ? [] : routes)
    }
}
