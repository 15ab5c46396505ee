import Foundation
import GatewayTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct ModelListTests {
    struct Model: Decodable, Equatable {
        let id: String
        let object: String
        let created: Int
        let ownedBy: String

        private enum CodingKeys: String, CodingKey {
            case id, object, created
            case ownedBy = "owned_by"
        }

        init(_ id: String) {
            self.id = id
            object = "model"
            created = 1_700_000_000
            ownedBy = "sluice"
        }
    }

    struct List: Decodable {
        let object: String
        let data: [Model]
    }

    @Test(arguments: [(TestKey.good, ["m", "vendor/second"]), (TestKey.limited, ["m"])])
    func `Lists what the key may use`(key: String, ids: [String]) async throws {
        try await withGateway(GatewaySetup(upstreamPort: 1)) { gateway in
            let answer = try await gateway.answer(to: Requests.get("/v1/models?limit=1", key: key))
            let list = try JSONDecoder().decode(List.self, from: Data(answer.body))
            #expect(answer.status == 200)
            #expect(list.object == "list")
            #expect(list.data == ids.map(Model.init))
        }
    }

    @Test(arguments: [
        ("/v1/models/m", "m"), ("/v1/models/vendor/second", "vendor/second"),
        ("/v1/models/vendor%2Fsecond", "vendor/second"),
        ("/v1/models/%6D?x=y", "m"),
    ])
    func `Shows one`(path: String, id: String) async throws {
        try await withGateway(GatewaySetup(upstreamPort: 1)) { gateway in
            let answer = try await gateway.answer(to: Requests.get(path))
            #expect(answer.status == 200)
            #expect(try JSONDecoder().decode(Model.self, from: Data(answer.body)) == Model(id))
        }
    }

    @Test(arguments: ["/v1/models/", "/v1/models/%ff", "/v1/models/m/", "/v1/models/M", "/v1/modelsx"])
    func `A path that names no model is not found`(path: String) async throws {
        try await withGateway(GatewaySetup(upstreamPort: 1)) { gateway in
            let answer = try await gateway.answer(to: Requests.get(path))
            #expect(answer.status == 404)
        }
    }
}
