import Egress
import Foundation
import GatewayTestSupport
import NIOCore
import Testing

@Suite(.timeLimit(.minutes(1))) struct TLSTests {
    private func call(
        _ server: KeyPath<TestCertificates, TestCertificates.Server>, host: String = "localhost",
        trusting: Bool = true, _ check: (FakeUpstream, TestCall) async throws -> Void
    ) async throws {
        let certificates = try TestCertificates.shared()
        let tls = try UpstreamTLS(trustRoots: trusting ? certificates.authorityText : nil)
        let context = try certificates[keyPath: server].serverContext()
        try await withFakeUpstream(tls: context, script: FakeUpstreamStep.answer(json: "{}")) { upstream in
            try await withPool { pool in
                try await check(upstream, try await pool.send(.to(port: upstream.port, host: host, tls: tls)))
            }
        }
    }

    @Test(arguments: ["localhost", "127.0.0.1"]) func `A good certificate passes`(host: String) async throws {
        try await call(\.good, host: host) { _, call in
            let received = try await call.end()
            #expect(received.text == "{}")
        }
    }

    @Test(arguments: ["localhost", "127.0.0.1"]) func `A wrong name is refused`(host: String) async throws {
        try await call(\.wrongName, host: host) { upstream, call in
            let failure = try await call.failure()
            #expect(failure.kind == .tls)
            #expect(failure.reason.contains("the certificate of \(host):\(upstream.port) is not for that name"))
            #expect(upstream.requests.isEmpty)
        }
    }

    @Test func `An expired certificate is refused`() async throws {
        try await call(\.expired) { upstream, call in
            let failure = try await call.failure()
            #expect(failure.kind == .tls)
            #expect(failure.reason.contains("expired"))
            #expect(failure.reason.contains("openssl s_client -connect localhost:\(upstream.port)"))
            #expect(upstream.requests.isEmpty)
        }
    }

    @Test func `An unknown authority is refused`() async throws {
        try await call(\.good, trusting: false) { upstream, call in
            let failure = try await call.failure()
            #expect(failure.kind == .tls)
            #expect(failure.reason.contains("authority that is not trusted here"))
            #expect(upstream.requests.isEmpty)
        }
    }

    @Test func `A server without TLS is a TLS failure`() async throws {
        let tls = try UpstreamTLS()
        try await withFakeUpstream(script: [.send("HTTP/1.1 400 Bad Request\r\n\r\n")]) { upstream in
            try await withPool { pool in
                let call = try await pool.send(.to(port: upstream.port, tls: tls))
                #expect(try await call.failure().kind == .tls)
            }
        }
    }

    @Test func `A handshake has a time limit`() async throws {
        let tls = try UpstreamTLS()
        try await withFakeUpstream(script: []) { upstream in
            try await withPool { pool in
                let call = try await pool.send(.to(port: upstream.port, tls: tls, connectTimeout: .milliseconds(300)))
                #expect(try await call.failure(within: .seconds(5)).kind == .unreachable)
                try await upstream.connection().clientLeft()
            }
        }
    }

    @Test func `Invalid trust roots are refused`() throws {
        let failure = #expect(throws: UpstreamFailure.self) { try UpstreamTLS(trustRoots: "no certificate") }
        #expect(failure?.kind == .tls)
    }
}
