/// As `model_pricing` stores it: nanodollars per million tokens by the names of the classes, and the tiers.
extension RateCard: Codable {
    private enum CodingKeys: String, CodingKey {
        case base, tiers
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            base: try container.decode(TokenRates.self, forKey: .base),
            tiers: try container.decodeIfPresent([Tier].self, forKey: .tiers) ?? [])
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(base, forKey: .base)
        if !tiers.isEmpty { try container.encode(tiers, forKey: .tiers) }
    }
}

extension RateCard.Tier: Codable {
    private enum CodingKeys: String, CodingKey {
        case aboveInputTokens = "above_input_tokens"
        case rates
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            aboveInputTokens: try container.decode(Int64.self, forKey: .aboveInputTokens),
            rates: try container.decode(TokenRates.self, forKey: .rates))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(aboveInputTokens, forKey: .aboveInputTokens)
        try container.encode(rates, forKey: .rates)
    }
}

extension TokenRates: Codable {
    private struct ClassKey: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(_ tokenClass: TokenClass) { stringValue = tokenClass.rawValue }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: ClassKey.self)
        func rate(_ tokenClass: TokenClass) throws -> Money? {
            try container.decodeIfPresent(Int64.self, forKey: ClassKey(tokenClass)).map(Money.init(nanodollars:))
        }
        guard let input = try rate(.inputUncached), let output = try rate(.outputText) else {
            throw DecodingError.keyNotFound(
                ClassKey(.inputUncached), .init(codingPath: decoder.codingPath, debugDescription: "no base rates"))
        }
        self.init(
            input: input, output: output, cacheRead: try rate(.inputCacheRead), cacheWrite: try rate(.inputCacheWrite),
            reasoning: try rate(.outputReasoning), inputAudio: try rate(.inputAudio),
            outputAudio: try rate(.outputAudio))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: ClassKey.self)
        for (tokenClass, rate) in own { try container.encode(rate.nanodollars, forKey: ClassKey(tokenClass)) }
    }

    /// The classes that have a rate of their own, in the order of `TokenClass`.
    private var own: [(TokenClass, Money)] {
        let rates: [(TokenClass, Money?)] = [
            (.inputUncached, input), (.inputCacheRead, cacheRead), (.inputCacheWrite, cacheWrite),
            (.inputAudio, inputAudio), (.outputText, output), (.outputReasoning, reasoning),
            (.outputAudio, outputAudio),
        ]
        return rates.compactMap { tokenClass, rate in rate.map { (tokenClass, $0) } }
    }

    /// Nanodollars per million tokens by class, as a JSON object: what the ledger copies.
    public var json: String {
        "{\(own.map { "\"\($0.rawValue)\":\($1.nanodollars)" }.joined(separator: ","))}"
    }
}
