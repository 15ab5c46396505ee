import DataPlane
import GatewayTestSupport
import Routing
import Testing

@Suite(.timeLimit(.minutes(1))) struct ProbeTests {
    @Test func `Neither needs a key`() async throws {
        try await withGateway(GatewaySetup(upstreamPort: 1)) { gateway in
            for path in ["/healthz", "/readyz", "/readyz?verbose"] {
                let answer = try await gateway.answer(to: Requests.get(path, key: nil))
                #expect(answer.status == 200)
                #expect(answer.headers("content-type") == ["application/json"])
            }
        }
    }

    @Test func `Readiness names what is not fine`() async throws {
        try await withGateway(GatewaySetup(upstreamPort: 1)) { gateway in
            let request = Requests.get("/readyz", key: nil)
            var bodies: [String] = [try await gateway.answer(to: request).text]
            for isFine in [false, true] {
                gateway.readiness.record(.database, isFine: isFine)
                bodies.append(try await gateway.answer(to: request).text)
            }
            #expect(
                bodies == [
                    #"{"status":"ready","failing":[]}"#, #"{"status":"degraded","failing":["database"]}"#,
                    #"{"status":"ready","failing":[]}"#,
                ])
        }
    }
}
