import NIOCore

/// The fields of an embeddings request that the simulator reads
/// (https://platform.openai.com/docs/api-reference/embeddings/create).
struct SimulatedEmbeddingsRequest: Decodable {
    /// One input.
    enum Input: Decodable {
        case text(String)
        case tokens([Int])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                self = .text(text)
            } else {
                self = .tokens(try container.decode([Int].self))
            }
        }

        /// By the rule of `SimulatedTokens`.
        var tokenCount: Int {
            switch self {
            case .text(let text): SimulatedTokens.count(text)
            case .tokens(let tokens): tokens.count
            }
        }
    }

    /// A text, a list of tokens, or a list of either.
    struct Inputs: Decodable {
        let all: [Input]

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let one = try? container.decode(Input.self) {
                all = [one]
            } else {
                all = try container.decode([Input].self)
            }
        }
    }

    /// The encoding of vectors.
    enum Encoding: String, Decodable {
        case float, base64
    }

    static let defaultDimensions = 256
    /// The limit bounds the time and the memory that they cost.
    private static let maxValues = 1 << 20
    /// Decoded, lists of tokens take forty times as much memory. OpenAI's own limit of 300,000 tokens is far below.
    private static let maxBytes = 4 * 1024 * 1024

    let model: String
    let input: Inputs
    let encodingFormat: Encoding?
    let dimensions: Int?

    private enum CodingKeys: String, CodingKey {
        case model, input, dimensions
        case encodingFormat = "encoding_format"
    }

    /// Reads a request, and refuses what OpenAI would refuse.
    init(_ request: SimulatedRequest) throws(SimulatedError) {
        guard request.body.reduce(0, { $0 + $1.readableBytes }) <= Self.maxBytes else {
            throw .invalid(
                "The simulator reads at most \(Self.maxBytes) bytes of an embeddings request: send fewer inputs.",
                param: "input", code: "string_above_max_length")
        }
        self = try request.decode()
        if let dimensions, !(1...4096).contains(dimensions) {
            throw .invalid("Invalid 'dimensions': expected a value from 1 to 4096.", param: "dimensions")
        }
        if input.all.count > 2048 {
            throw .invalid("Invalid 'input': array too long. Expected at most 2048 elements.", param: "input")
        }
        if input.all.count * (dimensions ?? Self.defaultDimensions) > Self.maxValues {
            throw .invalid(
                "The simulator makes at most \(Self.maxValues) values at once: send fewer inputs or 'dimensions'.",
                param: "input")
        }
    }
}
