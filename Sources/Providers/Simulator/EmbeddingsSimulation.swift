import Foundation
import NIOCore

/// Simulated embeddings: vectors of length 1 that depend on the input and the seed, without a meaning.
struct EmbeddingsSimulation {
    private let request: SimulatedEmbeddingsRequest
    private let seed: UInt64

    init(_ request: SimulatedEmbeddingsRequest, seed: UInt64) {
        self.request = request
        self.seed = seed
    }

    /// The answer as a list of `embedding` objects (https://platform.openai.com/docs/api-reference/embeddings/object).
    var document: SimulatedAnswer {
        let tokens = request.input.all.reduce(0) { $0 + $1.tokenCount }
        var json = ByteBuffer(string: #"{"object":"list","data":["#)
        for (index, input) in request.input.all.enumerated() {
            json.writeString(#"\#(index > 0 ? "," : ""){"object":"embedding","index":\#(index),"embedding":"#)
            json.writeString(written(vector(of: input)))
            json.writeString("}")
        }
        let model = String(buffer: ByteBuffer(encoding: request.model))
        json.writeString(
            #"],"model":\#(model),"simulated":true,"usage":{"prompt_tokens":\#(tokens),"total_tokens":\#(tokens)}}"#)
        return SimulatedAnswer(json: json)
    }

    private func vector(of input: SimulatedEmbeddingsRequest.Input) -> [Float] {
        var hash = PromptHash()
        switch input {
        case .text(let text): hash.mix(text)
        case .tokens(let tokens): for token in tokens { hash.mix(String(token)) }
        }
        var generator = SeededGenerator(seed, hash.value)
        let drawn = (0..<(request.dimensions ?? SimulatedEmbeddingsRequest.defaultDimensions)).map { _ in
            Float.random(in: -1...1, using: &generator)
        }
        let length = drawn.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return length > 0 ? drawn.map { $0 / length } : drawn
    }

    private func written(_ vector: [Float]) -> String {
        switch request.encodingFormat ?? .float {
        case .float:
            return "[" + vector.map(\.description).joined(separator: ",") + "]"
        case .base64:
            let bytes = vector.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian, Array.init) }
            return "\"" + Data(bytes).base64EncodedString() + "\""
        }
    }
}
