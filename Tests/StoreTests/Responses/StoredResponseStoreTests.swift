import GatewayCore
import Store
import Testing

extension EngineSuites {
    /// Whose a kept response is, on every engine.
    @Suite struct StoredResponseStoreTests {
        private func response(_ owner: String, route: String = "m/1") -> StoredResponse {
            StoredResponse(id: "resp_1", owner: .team(owner), route: route, provider: "p")
        }

        @Test(arguments: TestEngine.allCases)
        func `The first owner of an id stays`(engine: TestEngine) async throws {
            try await engine.withStore { store, _ in
                #expect(try await store.responses.find(id: "resp_1") == nil)
                let outcomes = [
                    try await store.responses.record(response("red")),
                    try await store.responses.record(response("red", route: "m/2")),
                    try await store.responses.record(response("blue")),
                ]
                #expect(outcomes == [true, true, false])
                #expect(try await store.responses.find(id: "resp_1") == response("red"))
            }
        }
    }
}
