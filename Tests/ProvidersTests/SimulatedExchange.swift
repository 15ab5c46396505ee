import Foundation
import GatewayCore
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Providers
import Testing

/// A complete simulated answer, for inspection.
struct SimulatedExchange {
    let status: UInt
    let contentType: String?
    let body: String

    /// Plays an answer to its end on a loop whose clock jumps.
    init(
        _ body: String, of operation: APIOperation = .chat, options: SimulatorOptions = SimulatorOptions(),
        ordinal: UInt64 = 0
    ) throws {
        let loop = EmbeddedEventLoop()
        let receiver = RecordingReceiver()
        // The body arrives in two pieces, as it may from a connection.
        let bytes = ByteBuffer(string: body)
        let half = bytes.readableBytes / 2
        let pieces = [
            bytes.getSlice(at: 0, length: half), bytes.getSlice(at: half, length: bytes.readableBytes - half),
        ]
        _ = SimulatedCall.start(
            request: SimulatedRequest(operation, body: pieces.compactMap { $0 }, ordinal: ordinal),
            options: options, on: loop, receiver: receiver)
        while !receiver.isEnded {
            loop.advanceTime(by: .hours(1))
        }
        let head = try #require(receiver.head)
        #expect(receiver.failure == nil)
        #expect(receiver.readsCompleted == receiver.parts.count)
        status = head.status.code
        contentType = head.headers.first(name: "content-type")
        self.body = receiver.text
    }

    func json() throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any])
    }

    /// The data of each event.
    var events: [String] {
        body.split(separator: "\n\n").map { String($0.dropFirst("data: ".count)) }
    }

    /// The chunks of a stream, without `[DONE]`.
    func chunks() throws -> [[String: Any]] {
        try events.filter { $0 != "[DONE]" }.map { event in
            try #require(try JSONSerialization.jsonObject(with: Data(event.utf8)) as? [String: Any])
        }
    }
}

/// A chat request with one message and further fields.
func chatBody(_ prompt: String = "Hello, who are you?", _ fields: String = "") -> String {
    #"{"model":"sim \"1\"","messages":[{"role":"user","content":"\#(prompt)"}]\#(fields.isEmpty ? "" : ",")\#(fields)}"#
}
