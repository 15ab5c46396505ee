import Foundation
import GatewayCore
import Providers
import Testing

@Suite struct SimulatedFamiliesTests {
    private static let tool = #""tools":[{"type":"function","name":"look"}],"tool_choice":"required""#

    private func response(_ fields: String = "", options: SimulatorOptions = .init()) throws -> SimulatedExchange {
        let more = fields.isEmpty ? "" : ",\(fields)"
        return try SimulatedExchange(#"{"model":"sim","input":"Hello"\#(more)}"#, of: .responses, options: options)
    }

    private func item(_ response: [String: Any]) throws -> [String: Any] {
        try #require((response["output"] as? [[String: Any]])?.first)
    }

    private func text(_ response: [String: Any]) throws -> String {
        try #require((item(response)["content"] as? [[String: Any]])?.first?["text"] as? String)
    }

    /// The type of each event, with its content.
    private func events(_ exchange: SimulatedExchange) throws -> [(type: String, data: [String: Any])] {
        try exchange.body.split(separator: "\n\n").map { block in
            let lines = block.split(separator: "\n")
            let json = Data(lines[1].dropFirst("data: ".count).utf8)
            let data = try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
            #expect(data["type"] as? String == String(lines[0].dropFirst("event: ".count)))
            return (try #require(data["type"] as? String), data)
        }
    }

    @Test func `A response says that it is simulated, with usage by the rule`() throws {
        let answer = try response().json()
        let text = try text(answer)
        #expect(text.hasPrefix("This is a simulated answer"))
        #expect(answer["status"] as? String == "completed")
        let usage = try #require(answer["usage"] as? [String: Any])
        #expect(usage["input_tokens"] as? Int == SimulatedTokens.count("Hello") + SimulatedTokens.perMessage)
        #expect(usage["output_tokens"] as? Int == SimulatedTokens.count(text))
    }

    @Test func `Its stream says the same, event by event`() throws {
        let whole = try response().json()
        let events = try events(response(#""stream":true"#))
        #expect(events.map { $0.data["sequence_number"] as? Int } == Array(0..<events.count))
        #expect(events.first?.type == "response.created")
        let deltas = events.filter { $0.type == "response.output_text.delta" }.compactMap {
            $0.data["delta"] as? String
        }
        #expect(try deltas.joined() == text(whole))
        let last = try #require(events.last)
        #expect(last.type == "response.completed")
        let final = try #require(last.data["response"] as? [String: Any])
        #expect(try text(final) == text(whole))
        #expect(final["usage"] as? NSDictionary == whole["usage"] as? NSDictionary)
    }

    @Test(arguments: [false, true])
    func `A limit is kept, and told`(isStream: Bool) throws {
        let exchange = try response(#""max_output_tokens":3,"stream":\#(isStream)"#)
        let answer =
            try isStream ? #require(events(exchange).last?.data["response"] as? [String: Any]) : exchange.json()
        #expect(answer["status"] as? String == "incomplete")
        #expect((answer["incomplete_details"] as? [String: Any])?["reason"] as? String == "max_output_tokens")
        #expect(SimulatedTokens.count(try text(answer)) == 3)
    }

    @Test(arguments: [false, true])
    func `A function that has to be called is called`(isStream: Bool) throws {
        let exchange = try response(#"\#(Self.tool),"stream":\#(isStream)"#)
        let answer =
            try isStream ? #require(events(exchange).last?.data["response"] as? [String: Any]) : exchange.json()
        let call = try item(answer)
        #expect(call["type"] as? String == "function_call")
        #expect(call["name"] as? String == "look")
        #expect(call["arguments"] as? String == "{}")
    }

    @Test func `A cut stream has no end`() throws {
        let events = try events(response(#""stream":true"#, options: .init(truncateRate: 1)))
        #expect(events.count > 3)
        #expect(!events.contains { $0.type.hasSuffix("completed") })
    }

    @Test func `A broken request is told as OpenAI tells it`() throws {
        let exchange = try response(#""max_output_tokens":0"#)
        #expect(exchange.status == 400)
        #expect((try exchange.json()["error"] as? [String: Any])?["param"] as? String == "max_output_tokens")
    }

    private func vectors(_ input: String, _ fields: String = "") throws -> [[Double]] {
        let exchange = try SimulatedExchange(#"{"model":"sim","input":\#(input)\#(fields)}"#, of: .embeddings)
        let data = try #require(try exchange.json()["data"] as? [[String: Any]])
        return try data.map { try #require($0["embedding"] as? [Double]) }
    }

    @Test(arguments: [(#""a""#, 1), (#"["a","b"]"#, 2), ("[1,2,3]", 1), ("[[1],[2],[3]]", 3)])
    func `Each input has a vector of length 1`(input: String, count: Int) throws {
        let vectors = try vectors(input)
        #expect(vectors.count == count)
        #expect(Set(vectors).count == count)
        for vector in vectors {
            #expect(vector.count == 256)
            #expect(abs(vector.reduce(0) { $0 + $1 * $1 } - 1) < 0.001)
        }
    }

    @Test func `Both encodings say the same`() throws {
        let fields = #","dimensions":8,"encoding_format":"base64""#
        let exchange = try SimulatedExchange(#"{"model":"sim","input":"a"\#(fields)}"#, of: .embeddings)
        let data = try #require(try exchange.json()["data"] as? [[String: Any]])
        let encoded = try #require(data[0]["embedding"] as? String)
        let bytes = try #require(Data(base64Encoded: encoded))
        let values = bytes.withUnsafeBytes { raw in
            (0..<8).map { Float(bitPattern: raw.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self)) }
        }
        #expect(try vectors(#""a""#, #","dimensions":8"#)[0].map(Float.init) == values)
    }

    @Test(arguments: [
        (Array(repeating: "1", count: 2049), 1), (Array(repeating: "1", count: 300), 4096),
    ])
    func `More than can be made at once is refused`(inputs: [String], dimensions: Int) throws {
        let body = #"{"model":"sim","dimensions":\#(dimensions),"input":\#(inputs)}"#
        let exchange = try SimulatedExchange(body, of: .embeddings)
        #expect(exchange.status == 400)
        #expect((try exchange.json()["error"] as? [String: Any])?["param"] as? String == "input")
    }
}
