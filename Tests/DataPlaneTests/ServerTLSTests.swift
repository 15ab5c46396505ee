import DataPlane
import Foundation
import GatewayCore
import GatewayTestSupport
import NIOCore
import Testing

/// A gateway with its own certificate.
@Suite(.timeLimit(.minutes(1))) struct ServerTLSTests {
    private func withClient(
        script: [FakeUpstreamStep], settings: (inout DataPlaneSettings) -> Void = { _ in },
        _ check: (FakeUpstream, RawClient) async throws -> Void
    ) async throws {
        let certificates = try TestCertificates.shared()
        let tls = try ServerTLS(
            certificate: text(certificates.good.certificate), privateKey: text(certificates.good.key))
        try await withFakeUpstream(script: script) { upstream in
            let setup = GatewaySetup(upstream) { encrypted in
                encrypted.tls = tls
                settings(&encrypted)
            }
            try await withGateway(setup) { gateway in
                try await withRawClient(port: gateway.port, tls: try certificates.clientContext()) {
                    client in
                    try await check(upstream, client)
                }
            }
        }
    }

    @Test func `Answers and streams pass`() async throws {
        try await withClient(script: FakeUpstreamStep.answer(json: Answers.completion) + Answers.stream) { _, client in
            try await client.send(Requests.chat())
            let answer = try await client.response()
            #expect(answer.text == Answers.completion.replacing("up-model", with: "m"))
            try await client.send(Requests.chat(stream: true))
            let stream = try await client.response(1)
            #expect(stream.events.last == "[DONE]")
        }
    }

    /// A refusal while the client is still sending arrives completely, and then the connection ends.
    @Test func `A refusal within the body arrives`() async throws {
        try await withClient(script: [], settings: { $0.lingerTimeout = .milliseconds(300) }) {
            _, client in
            try await client.send(
                Requests.head("POST /v1/chat/completions", key: nil, headers: ["content-length: 999999"])
                    + "\r\n{")
            let answer = try await client.response()
            #expect(answer.status == 401)
            try await client.end()
        }
    }

    @Test func `A client that leaves frees its upstream`() async throws {
        try await withClient(script: [.awaitRequest]) { upstream, client in
            try await client.send(Requests.chat())
            _ = try await upstream.request()
            await client.close()
            try await upstream.connection().clientLeft()
        }
    }

    @Test func `A key that does not belong is refused`() throws {
        let certificates = try TestCertificates.shared()
        #expect(throws: (any Error).self) {
            try ServerTLS(
                certificate: text(certificates.good.certificate), privateKey: text(certificates.wrongName.key))
        }
    }

    private func text(_ file: URL) throws -> Secret {
        Secret(try String(contentsOf: file, encoding: .utf8))
    }
}
