import Foundation
import GatewayCore
import NIOCore
import Testing
import WireFormats

/// Compares the scanner with other parsers, over random texts. The seed is fixed, so a failure is reproducible.
struct JSONFuzzTests {
    @Test func `Agrees with Foundation`() {
        var json = JSONGenerator(generator: SeededGenerator(seed: 1))
        var accepted = 0
        var refused = 0
        for round in 0..<10_000 {
            let text = json.value(depth: 4)
            let bytes = round % 4 == 0 ? Array(text.utf8) : json.damaged(text)
            guard Self.isComparable(bytes) else { continue }
            let verdict = Self.accepts(bytes)
            let oracle = (try? JSONSerialization.jsonObject(with: Data(bytes), options: [.fragmentsAllowed])) != nil
            #expect(verdict == oracle, "\(String(decoding: bytes, as: UTF8.self).debugDescription)")
            if verdict { accepted += 1 } else { refused += 1 }
        }
        #expect(accepted > 1000 && refused > 1000)
    }

    /// A text in parts has the same result as the whole: the relay reads in parts, the scanner does not.
    @Test func `Agrees with itself at any split`() {
        var json = JSONGenerator(generator: SeededGenerator(seed: 2))
        for round in 0..<5_000 {
            let text = #"{"choices":[],"x":"# + json.object(depth: 3) + "}"
            let bytes = round % 4 == 0 ? Array(text.utf8) : json.damaged(text)
            let whole = Self.accepts(bytes) && bytes.first { !" \t\r\n".utf8.contains($0) } == UInt8(ascii: "{")
            var relay = makeRelay(.chat, model: "m")
            var fault: RelayError?
            for part in randomSplit(of: bytes, using: &json.generator) { fault = relay.receive(part).fault }
            // After an object proves not to be a response, the relay does not read further.
            if fault == .malformed("the response has no choices") { continue }
            let inParts = fault == nil && relay.finish().fault == nil
            #expect(inParts == whole, "\(String(decoding: bytes, as: UTF8.self).debugDescription)")
        }
    }

    /// The scan of a request does not crash, and accepts nothing that is not JSON.
    @Test func `Request scan is as strict`() {
        var json = JSONGenerator(generator: SeededGenerator(seed: 3))
        let head = #"{"model":"a","stream":true,"messages":[{"role":"user","content":[{"type":"text","x":"#
        var accepted = 0
        for _ in 0..<5_000 {
            let bytes = json.damaged(head + json.value(depth: 3) + #"}]}],"tools":[1],"stream_options":{}}"#)
            let body = ByteBuffer(bytes: bytes)
            guard let request = try? APIOperation.chat.family.scan(body) else { continue }
            accepted += 1
            #expect(Self.accepts(bytes))
            let rewritten = request.body(body, model: "upstream", adjustments: .none)
            #expect(rewritten.allSatisfy { Self.accepts(Array($0.readableBytesView)) })
        }
        #expect(accepted > 100)
    }

    private static func accepts(_ bytes: [UInt8]) -> Bool {
        (try? JSONDocument.validate(ByteBuffer(bytes: bytes))) != nil
    }

    /// Excludes texts where Foundation is not an RFC 8259 parser: other encodings, numbers that a double cannot hold,
    /// and a comma before a closing bracket, which it lets pass.
    private static func isComparable(_ bytes: [UInt8]) -> Bool {
        let text = String(decoding: bytes, as: UTF8.self)
        return !bytes.isEmpty && !bytes.contains(0) && !text.hasPrefix("\u{FEFF}")
            && text.firstMatch(of: /[eE][+-]?[0-9]{3}/) == nil
            && text.firstMatch(of: /[0-9]{17}/) == nil
            && text.firstMatch(of: /\\u[dD][89a-fA-F]|,[ \t\r\n]*[\]}]/) == nil
    }
}
