/// Prices per million tokens, by class (`TokenClasses`).
///
/// A class without a rate of its own is priced as its parent: cache reads and writes as input, reasoning as output.
/// That is how providers bill what their price lists do not name. Audio has no parent: it costs many times as much as
/// text, so a guess would be wrong by far.
public struct TokenRates: Sendable, Hashable {
    /// For input in no other class.
    public let input: Money
    /// For output in no other class.
    public let output: Money
    /// Nil if cached input has no separate price.
    public let cacheRead: Money?
    /// Nil if cache writes have no separate price.
    public let cacheWrite: Money?
    /// Nil if reasoning has no separate price.
    public let reasoning: Money?
    /// Nil if there is no price for audio input.
    public let inputAudio: Money?
    /// Nil if there is no price for audio output.
    public let outputAudio: Money?

    public init(
        input: Money, output: Money, cacheRead: Money? = nil, cacheWrite: Money? = nil, reasoning: Money? = nil,
        inputAudio: Money? = nil, outputAudio: Money? = nil
    ) {
        self.input = input
        self.output = output
        self.cacheRead = cacheRead
        self.cacheWrite = cacheWrite
        self.reasoning = reasoning
        self.inputAudio = inputAudio
        self.outputAudio = outputAudio
    }

    /// The rate of a class; nil if the class has no price.
    public func rate(of tokenClass: TokenClass) -> Money? {
        switch tokenClass {
        case .inputUncached: input
        case .inputCacheRead: cacheRead ?? input
        case .inputCacheWrite: cacheWrite ?? input
        case .inputAudio: inputAudio
        case .outputText: output
        case .outputReasoning: reasoning ?? output
        case .outputAudio: outputAudio
        }
    }

    /// The highest rate that any input can have, for the bound on a request's cost.
    public var maxInput: Money {
        [cacheRead, cacheWrite, inputAudio].compactMap(\.self).reduce(input, max)
    }

    /// The highest rate that any output can have, for the bound on a request's cost.
    public var maxOutput: Money {
        [reasoning, outputAudio].compactMap(\.self).reduce(output, max)
    }
}

/// A class of tokens with a price of its own. The raw values are the names of columns, reports and reasons.
public enum TokenClass: String, Sendable, Hashable, CaseIterable {
    case inputUncached = "input_uncached"
    case inputCacheRead = "input_cache_read"
    case inputCacheWrite = "input_cache_write"
    case inputAudio = "input_audio"
    case outputText = "output_text"
    case outputReasoning = "output_reasoning"
    case outputAudio = "output_audio"
}

extension TokenClasses {
    /// The number of tokens of a class.
    public subscript(_ tokenClass: TokenClass) -> Int64 {
        switch tokenClass {
        case .inputUncached: inputUncached
        case .inputCacheRead: inputCacheRead
        case .inputCacheWrite: inputCacheWrite
        case .inputAudio: inputAudio
        case .outputText: outputText
        case .outputReasoning: outputReasoning
        case .outputAudio: outputAudio
        }
    }

    /// All input, which decides the context tier.
    public var input: Int64 { inputUncached + inputCacheRead + inputCacheWrite + inputAudio }
}
