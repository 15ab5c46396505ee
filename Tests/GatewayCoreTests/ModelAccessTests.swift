import GatewayCore
import Testing

/// Access to models, by id and by tags.
@Suite struct ModelAccessTests {
    private let catalog = ModelCatalog([
        Model(id: "big", tags: ["smart"], rank: 2, target: .routes([])),
        Model(id: "quick", tags: ["fast", "cheap"], rank: 1, target: .routes([])),
        Model(id: "quicker", tags: ["fast"], rank: 1, target: .routes([])),
        Model(id: "nick", tags: ["smart", "fast"], rank: 9, target: .alias(of: "big")),
    ])

    private func access(
        key: ModelGrant = .all, team: ModelGrant = .all, user: ModelGrant = .all
    ) -> ModelAccess {
        ModelAccess([.init(.key, key), .init(.team("core"), team), .init(.user("ann@example.com"), user)])
    }

    @Test func `What every layer allows is allowed`() throws {
        let access = access(key: .listed(["big", "quick"]), team: .listed(["quick", "nick"]), user: .all)
        #expect(catalog.visible(to: access).map(\.id) == ["quick"])
        #expect(try catalog.resolve("quick", access: access).id == "quick")
    }

    @Test func `A refusal names the first layer that refuses`() throws {
        let none = ModelGrant.listed([])
        let cases: [(ModelAccess, String)] = [
            (access(key: none, team: none), "This API key's grants do not include the model `big`."),
            (access(team: none, user: none), "The allowed models of the team `core` do not include the model `big`."),
            (access(user: none), "The allowed models of the user `ann@example.com` do not include the model `big`."),
        ]
        for (access, message) in cases {
            let error = #expect(throws: GatewayError.self) { try catalog.resolve("big", access: access) }
            #expect(error?.code == .modelNotAllowed && error?.message == message)
        }
        let unknown = #expect(throws: GatewayError.self) { try catalog.resolve("none", access: cases[0].0) }
        #expect(unknown?.code == .modelNotFound)
    }

    @Test func `Tags pick the first allowed model by rank and id that has all of them`() throws {
        #expect(try catalog.resolve("tag:fast", access: .all).id == "quick")
        #expect(try catalog.resolve("tag:cheap,fast", access: .all).id == "quick")
        #expect(try catalog.resolve("tag:fast", access: access(key: .listed(["quicker", "nick"]))).id == "quicker")
        let alias = try catalog.resolve("tag:smart, fast", access: .all)
        #expect(alias.id == "big" && alias.requested == "tag:smart, fast" && alias.aliases == ["nick"])
    }

    @Test(arguments: ["tag:none", "tag:fast,none", "tag:Fast"])
    func `Tags that no allowed model has are not found`(selector: String) {
        let error = #expect(throws: GatewayError.self) { try catalog.resolve(selector, access: .all) }
        #expect(error?.code == .modelNotFound)
    }

    @Test(arguments: ["tag:", "tag:,", "tag:fast,", "tag: "])
    func `A selector without a tag is invalid`(selector: String) {
        let error = #expect(throws: GatewayError.self) { try catalog.resolve(selector, access: .all) }
        #expect(error?.code == .invalidRequest)
    }
}
