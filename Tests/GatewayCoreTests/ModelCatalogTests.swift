import GatewayCore
import Testing

@Suite struct ModelCatalogTests {
    static let route = Route(id: "base/1", provider: "p", upstreamModel: "u")

    static let catalog = ModelCatalog([
        Model(id: "zebra", rank: 1, target: .routes([])),
        Model(id: "base", rank: 5, target: .routes([route])),
        Model(id: "alpha", rank: 5, target: .alias(of: "base")),
        Model(id: "team/nick", rank: 3, target: .alias(of: "alpha")),
        Model(id: "lost", target: .alias(of: "nowhere")),
    ])

    static func refusal(_ id: String, _ grant: ModelGrant = .all) -> GatewayError? {
        do throws(GatewayError) {
            _ = try catalog.resolve(id, access: ModelAccess([.init(.key, grant)]))
            return nil
        } catch {
            return error
        }
    }

    @Test func `Lists by rank then id`() {
        #expect(Self.catalog.visible(to: .all).map(\.id) == ["zebra", "team/nick", "alpha", "base", "lost"])
        #expect(
            Self.catalog.visible(to: ModelAccess([.init(.key, .listed(["base", "zebra", "unheard of"]))])).map(\.id)
                == ["zebra", "base"])
        #expect(Self.catalog.visible(to: ModelAccess([.init(.key, .listed([]))])).isEmpty)
    }

    @Test(arguments: ["base", "alpha", "team/nick"]) func `Follows aliases to their end`(id: String) throws {
        let resolved = try Self.catalog.resolve(id, access: .all)
        #expect(resolved.requested == id)
        #expect(resolved.id == "base")
        #expect(resolved.routes == [Self.route])
    }

    @Test func `The grant is checked on the requested name alone`() throws {
        #expect(try Self.catalog.resolve("alpha", access: ModelAccess([.init(.key, .listed(["alpha"]))])).id == "base")
        #expect(Self.refusal("alpha", .listed(["base"]))?.code == .modelNotAllowed)
        #expect(Self.refusal("base", .listed(["alpha"]))?.code == .modelNotAllowed)
    }

    @Test func `Unknown is not found whatever the grant`() {
        for grant in [ModelGrant.all, .listed([]), .listed(["ghost"])] {
            #expect(Self.refusal("ghost", grant)?.code == .modelNotFound)
            #expect(Self.refusal("ghost", grant)?.param == "model")
        }
        #expect(Self.refusal("Base")?.code == .modelNotFound)
    }

    @Test func `An alias that leads nowhere is the gateway's fault`() {
        let refusal = Self.refusal("lost")
        #expect(refusal?.code == .noRouteAvailable)
        #expect(refusal?.source == .gateway)
    }

    @Test func `A circle of aliases ends`() {
        let circle = ModelCatalog([
            Model(id: "a", target: .alias(of: "b")), Model(id: "b", target: .alias(of: "a")),
        ])
        #expect(throws: GatewayError.self) { try circle.resolve("a", access: .all) }
    }
}
