import Egress
import GatewayCore
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Providers
import Testing

@Suite struct SimulatedCallTests {
    private let loop = EmbeddedEventLoop()
    private let receiver = RecordingReceiver()

    private func start(_ options: SimulatorOptions = SimulatorOptions()) -> SimulatedCall {
        let body = ByteBuffer(string: chatBody("Hi", #""stream":true"#))
        return SimulatedCall.start(
            request: SimulatedRequest(.chat, body: [body], ordinal: 0), options: options, on: loop,
            receiver: receiver)
    }

    @Test func `Nothing is heard before start has returned`() {
        _ = start()
        #expect(receiver.head == nil)
        loop.run()
        #expect(receiver.head?.status == .ok)
        #expect(receiver.isEnded)
        #expect(receiver.readsCompleted == receiver.parts.count)
    }

    @Test func `The head comes after the latency`() {
        _ = start(SimulatorOptions(latencyMilliseconds: 200))
        loop.advanceTime(by: .milliseconds(199))
        #expect(receiver.head == nil)
        loop.advanceTime(by: .milliseconds(1))
        #expect(receiver.head != nil)
    }

    @Test func `Words come at the pace of their tokens`() {
        _ = start(SimulatorOptions(latencyMilliseconds: 100, tokensPerSecond: 10))
        loop.advanceTime(by: .milliseconds(100))
        // The role's chunk has no tokens; " is" is complete with the second token, " a" with the third.
        #expect(receiver.parts.count == 1)
        loop.advanceTime(by: .milliseconds(99))
        #expect(receiver.parts.count == 1)
        loop.advanceTime(by: .milliseconds(1))
        #expect(receiver.parts.count == 2)
        loop.advanceTime(by: .milliseconds(200))
        #expect(receiver.text.contains(#"" a""#))
        #expect(!receiver.isEnded)
        loop.advanceTime(by: .minutes(1))
        #expect(receiver.isEnded)
    }

    @Test func `A pause holds everything back, and resuming goes on where it was`() {
        let call = start()
        receiver.onPart = { if $0 == 3 { call.pause() } }
        loop.advanceTime(by: .minutes(1))
        #expect(receiver.parts.count == 3)
        #expect(!receiver.isEnded)
        call.resume()
        #expect(receiver.parts.count == 3)
        loop.run()
        #expect(receiver.isEnded)
        #expect(receiver.parts.last == "data: [DONE]\n\n")
        let paused = receiver.parts
        let whole = RecordingReceiver()
        _ = SimulatedCall.start(
            request: SimulatedRequest(
                .chat, body: [ByteBuffer(string: chatBody("Hi", #""stream":true"#))], ordinal: 0),
            options: SimulatorOptions(), on: loop, receiver: whole)
        loop.run()
        #expect(paused.count == whole.parts.count)
    }

    @Test func `A pause before the head holds the head back`() {
        let call = start()
        call.pause()
        loop.advanceTime(by: .minutes(1))
        #expect(receiver.head == nil)
        call.resume()
        loop.run()
        #expect(receiver.isEnded)
    }

    @Test func `A pause and resume within an event lose and repeat nothing`() {
        let call = start()
        receiver.onPart = { _ in
            call.pause()
            call.resume()
        }
        loop.run()
        #expect(receiver.isEnded)
        #expect(Set(receiver.parts).count > 20)
        #expect(receiver.parts.count { $0 == "data: [DONE]\n\n" } == 1)
    }

    @Test func `After cancel nothing is heard`() {
        let call = start(SimulatorOptions(tokensPerSecond: 10))
        loop.advanceTime(by: .seconds(1))
        let heard = receiver.parts.count
        #expect(heard > 1)
        call.cancel()
        loop.advanceTime(by: .minutes(1))
        #expect(receiver.parts.count == heard)
        #expect(!receiver.isEnded)
    }

    @Test func `A cancel within an event is the last that is heard`() {
        let call = start()
        receiver.onPart = { if $0 == 3 { call.cancel() } }
        loop.run()
        call.resume()
        loop.run()
        #expect(receiver.parts.count == 3)
        #expect(receiver.readsCompleted == 2)
        #expect(!receiver.isEnded)
    }

    @Test func `A call that has ended keeps its receiver no longer`() {
        weak var gone: RecordingReceiver?
        let call: SimulatedCall
        do {
            let receiver = RecordingReceiver()
            gone = receiver
            let body = [ByteBuffer(string: chatBody())]
            call = SimulatedCall.start(
                request: SimulatedRequest(.chat, body: body, ordinal: 0), options: SimulatorOptions(),
                on: loop, receiver: receiver)
            loop.run()
            #expect(receiver.isEnded)
        }
        #expect(gone == nil)
        call.cancel()
    }
}
