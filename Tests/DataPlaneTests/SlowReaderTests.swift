import DataPlane
import GatewayTestSupport
import NIOCore
import Testing

/// A client that reads slowly, after the last byte of its answer was handed over: it is neither idle nor done.
@Suite(.timeLimit(.minutes(1))) struct SlowReaderTests {
    /// Sizes about what the kernel takes of an answer that is not read, so that of some of them a rest waits in the gateway.
    @Test(arguments: [100_000, 150_000, 180_000, 220_000], [false, true])
    func getsTheRestOfItsAnswer(size: Int, isClosing: Bool) async throws {
        let event = FakeUpstreamStep.chunk(Answers.content(String(repeating: "x", count: 1000)))
        let script =
            FakeUpstreamStep.beginEventStream + Array(repeating: event, count: size / 1000)
            + [.chunk(Answers.finish + Answers.done), .endChunks]
        try await withFakeUpstream(script: script) { upstream in
            let setup = GatewaySetup(upstream) { settings in
                settings.idleTimeout = .milliseconds(300)
                settings.lingerTimeout = .milliseconds(300)
            }
            try await withGateway(setup) { gateway in
                try await withRawClient(port: gateway.port, reading: .onDemand) { client in
                    let headers = isClosing ? ["connection: close"] : []
                    try await client.send(Requests.chat(stream: true, headers: headers))
                    do {
                        try await client.read(atLeast: size, bytesPerSecond: 60_000)
                        while !client.receivedText.contains("[DONE]") {
                            try await client.read(atLeast: 1, bytesPerSecond: 60_000)
                        }
                    } catch is ConnectionEnded {
                        // The rest can come together with the end, between two looks; what counts is that it came.
                    }
                    #expect(client.receivedText.contains("[DONE]"))
                }
            }
        }
    }
}
