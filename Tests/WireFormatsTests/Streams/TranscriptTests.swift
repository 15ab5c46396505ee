import GatewayCore
import NIOCore
import Testing
import WireFormats

/// Recorded streams of real servers, split in every way.
@Suite struct TranscriptTests {
    private func relay(_ parts: [ByteBuffer], of transcript: Transcript, model: String) -> String {
        var relay = makeRelay(transcript.operation, model: model, stream: true)
        return joined(parts.map { relay.receive($0).bytes })
    }

    @Test func `There are transcripts of both families, each of two servers`() {
        #expect(Transcript.all.count { $0.operation == .responses } >= 2)
        #expect(Transcript.all.count { $0.operation == .chat } >= 2)
    }

    @Test(arguments: Transcript.all)
    func `However it is cut, a stream stays as it was but for what is declared`(transcript: Transcript) throws {
        let expected = try transcript.expected(model: "asked/for")
        let bytes = Array(transcript.text.utf8)
        try #require(relay([ByteBuffer(bytes: bytes)], of: transcript, model: "asked/for") == expected)
        #expect(relay(bytes.map { ByteBuffer(bytes: [$0]) }, of: transcript, model: "asked/for") == expected)
        var generator = SeededGenerator(seed: UInt64(bytes.count))
        for _ in 0..<50 {
            let parts = randomSplit(of: bytes, using: &generator)
            try #require(relay(parts, of: transcript, model: "asked/for") == expected)
        }
    }

    @Test(arguments: Transcript.all)
    func `A stream that is complete is known to be`(transcript: Transcript) throws {
        var relay = makeRelay(transcript.operation, model: "asked/for", stream: true)
        let fault = relay.receive(ByteBuffer(string: transcript.text)).fault ?? relay.finish().fault
        let failed =
            transcript.text.contains(#""type":"response.failed""#) || transcript.text.contains(#""type":"error""#)
        #expect((fault != nil) == failed, "\(String(describing: fault))")
        #expect(relay.isComplete == !failed)
        #expect(failed || relay.usage != nil)
    }
}
