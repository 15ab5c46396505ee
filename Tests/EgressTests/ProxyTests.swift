import Egress
import Foundation
import GatewayCore
import GatewayTestSupport
import NIOCore
import NIOHTTP1
import Testing

/// Upstreams behind a proxy.
@Suite(.timeLimit(.minutes(1))) struct ProxyTests {
    @Test(arguments: [false, true])
    func `Calls go through a tunnel, one after the other through the same`(isTLS: Bool) async throws {
        let certificates = try TestCertificates.shared()
        let tls = isTLS ? try UpstreamTLS(trustRoots: certificates.authorityText) : nil
        let context = isTLS ? try certificates.good.serverContext() : nil
        let script: [FakeUpstreamStep] = (0..<2).flatMap { FakeUpstreamStep.answer(json: "{\"n\":\($0)}") }
        try await withFakeUpstream(tls: context, script: script) { upstream in
            try await ConnectProxy.with { proxy in
                let origin = UpstreamOrigin(
                    host: "localhost", port: upstream.port, tls: tls,
                    proxy: EgressProxy(host: "127.0.0.1", port: proxy.port, credentials: Secret("user:canary")))
                try await withPool { pool in
                    for turn in 0..<2 {
                        let received = try await pool.send(.to(origin)).end()
                        #expect(received.text == "{\"n\":\(turn)}")
                    }
                }
                let target = "localhost:\(upstream.port)"
                let heads = proxy.heads.value
                #expect(
                    heads == [
                        "CONNECT \(target) HTTP/1.1\r\nhost: \(target)\r\nproxy-authorization: Basic dXNlcjpjYW5hcnk=\r\n\r\n"
                    ])
                #expect(upstream.connections.count == 1)
                #expect(upstream.requests.allSatisfy { $0.headers("proxy-authorization").isEmpty })
            }
        }
    }

    @Test(arguments: [
        (
            "HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n",
            "wants credentials for CONNECT (407)"
        ),
        ("HTTP/1.0 403 Forbidden\r\n\r\n<html>", "refuses CONNECT with status 403"),
        ("SSH-2.0-OpenSSH_9\r\n", "does not answer CONNECT in HTTP/1.1"),
        ("HTTP/1.1 200 OK\r\n\r\nmore", "does not answer CONNECT in HTTP/1.1"),
        ("HTTP/1.1 200 OK\r\nx: \(String(repeating: "y", count: 20_000))", "does not answer CONNECT in HTTP/1.1"),
    ])
    func `A proxy that makes no tunnel is told, and nothing is sent`(_ answer: String, words: String) async throws {
        try await ConnectProxy.with(answer: answer) { proxy in
            let origin = UpstreamOrigin(
                host: "::1", port: 443, tls: nil,
                proxy: EgressProxy(host: "127.0.0.1", port: proxy.port, credentials: Secret("user:canary")))
            try await withPool { pool in
                let failure = try await pool.send(.to(origin)).failure()
                #expect(failure.kind == .unreachable)
                #expect(failure.reason.hasPrefix("the proxy 127.0.0.1:\(proxy.port) \(words)"), "\(failure.reason)")
                #expect(!failure.reason.contains("canary"))
            }
            #expect(proxy.heads.value.first?.hasPrefix("CONNECT [::1]:443 HTTP/1.1\r\n") == true)
        }
    }

    @Test(arguments: ["", "HTTP/1.1 2"])
    func `A proxy that does not answer is given up when the time for connecting is over`(_ answer: String) async throws
    {
        try await ConnectProxy.with(answer: answer) { proxy in
            let origin = UpstreamOrigin(
                host: "example.com", port: 443, tls: nil, proxy: EgressProxy(host: "127.0.0.1", port: proxy.port))
            try await withPool { pool in
                let failure = try await pool.send(.to(origin, connectTimeout: .seconds(1))).failure()
                #expect(failure.kind == .unreachable)
            }
        }
    }

    @Test func `A proxy that cannot be reached, and an upstream that the proxy cannot reach, are unreachable`()
        async throws
    {
        try await withPortWithoutListener { port in
            let behind = UpstreamOrigin(
                host: "127.0.0.1", port: 80, tls: nil, proxy: EgressProxy(host: "127.0.0.1", port: port))
            try await withPool { pool in
                let failure = try await pool.send(.to(behind)).failure()
                #expect(failure.kind == .unreachable)
                #expect(failure.reason.contains("127.0.0.1 through the proxy 127.0.0.1:\(port)"), "\(failure.reason)")
            }
            try await ConnectProxy.with { proxy in
                let beyond = UpstreamOrigin(
                    host: "127.0.0.1", port: port, tls: nil, proxy: EgressProxy(host: "127.0.0.1", port: proxy.port))
                try await withPool { pool in
                    let failure = try await pool.send(.to(beyond)).failure()
                    #expect(failure.reason.hasSuffix("closed the connection before its answer to CONNECT"))
                }
            }
        }
    }

    @Test func `The certificate is checked for the upstream's name, not for the proxy's`() async throws {
        let certificates = try TestCertificates.shared()
        let tls = try UpstreamTLS(trustRoots: certificates.authorityText)
        try await withFakeUpstream(tls: try certificates.wrongName.serverContext(), script: []) { upstream in
            try await ConnectProxy.with { proxy in
                let origin = UpstreamOrigin(
                    host: "localhost", port: upstream.port, tls: tls,
                    proxy: EgressProxy(host: "localhost", port: proxy.port))
                try await withPool { pool in
                    let failure = try await pool.send(.to(origin)).failure()
                    #expect(failure.kind == .tls)
                }
                #expect(upstream.requests.isEmpty)
            }
        }
    }

    @Test func `A proxy's answer may come in pieces`() {
        var answer = ProxyAnswer()
        let head = Array("HTTP/1.1 200 OK\r\nx: y\r\n\r\n".utf8)
        let verdicts = head.map { answer.receive([$0]) }
        #expect(verdicts.dropLast().allSatisfy { $0 == .incomplete })
        #expect(verdicts.last == .accepted)
    }
}
