import Egress
import Foundation
import GatewayTestSupport
import NIOCore
import NIOPosix
import Testing

/// The gateway stops: the pool is deallocated before its idle connections have completed the TLS shutdown.
@Suite(.timeLimit(.minutes(1))) struct PoolEndTests {
    @Test func `Connections may outlive their pool`() async {
        await #expect(processExitsWith: .success) {
            let certificates = try TestCertificates.shared()
            let tls = try UpstreamTLS(trustRoots: certificates.authorityText)
            let script = FakeUpstreamStep.answer(json: "{}")
            try await withFakeUpstream(tls: try certificates.good.serverContext(), script: script) { upstream in
                let request = UpstreamRequest.to(port: upstream.port, host: "localhost", tls: tls)
                let eventLoop = MultiThreadedEventLoopGroup.singleton.any()
                let received = Watched(Received())
                let pool = Watched<NIOLoopBound<UpstreamPool>?>(
                    try await eventLoop.submit {
                        NIOLoopBound(UpstreamPool(eventLoop: eventLoop), eventLoop: eventLoop)
                    }.get())
                try await eventLoop.submit {
                    _ = pool.value?.value.send(request, receiver: RecordingReceiver(received))
                }.get()
                _ = try await received.wait(for: "end of the call", within: .seconds(10)) { $0.isOver ? true : nil }
                try await eventLoop.submit {
                    pool.value?.value.closeAll()
                    pool.update { $0 = nil }
                }.get()
                try await upstream.connection().clientLeft()
                try await eventLoop.submit {}.get()
            }
        }
    }
}
