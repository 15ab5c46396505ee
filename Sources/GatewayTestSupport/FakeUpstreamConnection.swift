public import NIOCore
import NIOPosix

/// One connection of a client to a `FakeUpstream`.
public final class FakeUpstreamConnection: Sendable {
    struct State: Sendable {
        var parser = HTTPMessageParser()
        var takenHeads = 0
        var takenRequests = 0
        var bytesReceived = 0
        var bytesSent = 0
        var leftAt: NIODeadline?
        var failure: String?

        /// The received heads, of complete requests and of the current one.
        var headCount: Int { parser.messages.count + (parser.current == nil ? 0 : 1) }
    }

    let state = Watched(State())
    private let channel: any Channel

    init(_ channel: any Channel) {
        self.channel = channel
    }

    /// The complete requests.
    public var requests: [HTTPMessage] { state.value.parser.messages }
    /// The request whose head is complete, but not its body.
    public var partialRequest: HTTPMessage? { state.value.parser.current }
    /// The received bytes, heads and framing included.
    public var bytesReceived: Int { state.value.bytesReceived }
    /// The bytes that the kernel has accepted: more than the client has read, by the content of the two sockets'
    /// buffers.
    public var bytesSent: Int { state.value.bytesSent }

    /// Why the script ended before its last step, if it did, such as a client that disconnected.
    public var scriptFailure: String? { state.value.failure }

    /// Waits until the client has closed its side, or the connection has ended.
    ///
    /// - Returns: The time of that.
    /// - Throws: `WaitTimeout`.
    @discardableResult
    public func clientLeft(within timeout: Duration = .seconds(5)) async throws -> NIODeadline {
        try await state.wait(for: "client that disconnects", within: timeout) { $0.leftAt }
    }

    /// Waits until the request of which the body is still coming in satisfies `condition`.
    ///
    /// - Throws: `WaitTimeout`, whose text names `subject`.
    public func received(
        _ subject: String, within timeout: Duration = .seconds(5),
        _ condition: @escaping @Sendable (HTTPMessage?) -> Bool
    ) async throws {
        try await state.wait(for: subject, within: timeout) { condition($0.parser.current) ? () : nil }
    }

    /// Plays `steps` in order, then waits until the client disconnects, and closes.
    func play(_ steps: [FakeUpstreamStep]) async {
        do {
            for step in steps { try await perform(step) }
        } catch {
            state.update { $0.failure = "\(error)" }
        }
        _ = try? await clientLeft(within: .seconds(3600))
        await shutDown()
    }

    func shutDown() async {
        // It may be closed already.
        try? await channel.close()
    }

    private func perform(_ step: FakeUpstreamStep) async throws {
        switch step {
        case .awaitHead:
            try await waitForClient("request head") { $0.headCount > max($0.takenHeads, $0.takenRequests) }
            state.update { $0.takenHeads = max($0.takenHeads, $0.takenRequests) + 1 }
        case .awaitRequest:
            try await waitForClient("request") { $0.parser.messages.count > $0.takenRequests }
            state.update { $0.takenRequests += 1 }
        case .send(let text): try await send(ByteBuffer(string: text))
        case .sendBytes(let bytes): try await send(bytes)
        case .sendHead(let status, let headers):
            let lines = headers.map { "\($0): \($1)\r\n" }.joined()
            try await send(ByteBuffer(string: "HTTP/1.1 \(status) Status\r\n\(lines)\r\n"))
        case .chunk(let text):
            try await send(ByteBuffer(string: "\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n"))
        case .endChunks: try await send(ByteBuffer(string: "0\r\n\r\n"))
        case .delay(let amount): try await channel.eventLoop.scheduleTask(in: amount) {}.futureResult.get()
        case .waitFor(let gate): try await gate.wait(within: .seconds(60))
        case .open(let gate): gate.open()
        case .stopReading: try await channel.setOption(.autoRead, value: false).get()
        case .resumeReading: try await channel.setOption(.autoRead, value: true).get()
        case .halfClose: try await channel.close(mode: .output)
        case .close: try await channel.close()
        case .reset: try await channel.reset()
        case .repeating(let steps):
            while state.value.leftAt == nil {
                for step in steps { try await perform(step) }
            }
        }
    }

    private func waitForClient(_ subject: String, _ hasCome: @escaping @Sendable (State) -> Bool) async throws {
        let isThere = try await state.wait(for: subject, within: .seconds(60)) { state -> Bool? in
            if hasCome(state) { return true }
            return state.leftAt == nil ? nil : false
        }
        if !isThere { throw ClientHasLeft() }
    }

    private func send(_ bytes: ByteBuffer) async throws {
        try await channel.writeAndFlush(bytes)
        state.update { $0.bytesSent += bytes.readableBytes }
    }
}

/// The client closed its side while the script was waiting for it.
struct ClientHasLeft: Error {}
