package import GatewayCore
package import NIOCore

extension TokenUsage {
    /// A count above this is a mistake of the provider.
    private static let largestCount: Int64 = 1_000_000_000_000

    /// Reads a `usage` object of OpenAI's families (https://platform.openai.com/docs/api-reference/chat/object).
    ///
    /// Unknown fields, nulls, and details that are not counts (negative, fractional, above 10¹²) are ignored. Nil if
    /// `json` is not a JSON object, has neither input nor output tokens, or one of the two is no count: to take it for
    /// 0 would be a discount. If one of the two is missing, it is 0.
    /// Cache writes are read from `cache_write_tokens` in the details of the input.
    ///
    /// Some providers (xAI, Gemini's OpenAI-compatible API) count reasoning outside the output, which the total shows:
    /// it becomes part of the output, as with all other providers.
    package init?(_ json: ByteBuffer, names: UsageNames) {
        let usage = json.withBytes { TokenUsage($0, names: names) }
        guard let usage else { return nil }
        self = usage
    }

    init?(_ bytes: Bytes, names: UsageNames) {
        var scanner = JSONScanner(bytes, .answer)
        do throws(JSONSyntaxError) {
            guard let usage = try Self.read(&scanner, names) else { return nil }
            try scanner.finish()
            self = usage
        } catch {
            return nil
        }
    }

    private static func read(_ scanner: inout JSONScanner, _ names: UsageNames) throws(JSONSyntaxError) -> TokenUsage? {
        guard try scanner.peek() == Byte.openBrace else { return nil }
        var prompt: Int64?
        var completion: Int64?
        var total: Int64?
        var isUnusable = false
        var usage = TokenUsage(promptTokens: 0, completionTokens: 0)
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            if scanner.isEqual(key, names.input) {
                prompt = try sum(&scanner, &isUnusable)
            } else if scanner.isEqual(key, names.output) {
                completion = try sum(&scanner, &isUnusable)
            } else if scanner.isEqual(key, "total_tokens") {
                total = try count(&scanner)
            } else if scanner.isEqual(key, names.inputDetails), try scanner.peek() == Byte.openBrace {
                try readPromptDetails(&scanner, into: &usage)
            } else if scanner.isEqual(key, names.outputDetails), try scanner.peek() == Byte.openBrace {
                try readCompletionDetails(&scanner, into: &usage)
            } else {
                _ = try scanner.value()
            }
        }
        if names.totalIsInput, prompt == nil { prompt = total }
        guard !isUnusable, prompt != nil || completion != nil else { return nil }
        usage.promptTokens = prompt ?? 0
        usage.completionTokens = completion ?? 0
        usage.totalTokens = total ?? (usage.promptTokens + usage.completionTokens)
        if let reasoning = usage.reasoningTokens, reasoning > 0,
            usage.totalTokens == usage.promptTokens + usage.completionTokens + reasoning
        {
            usage.completionTokens += reasoning
        }
        return usage
    }

    private static func readPromptDetails(
        _ scanner: inout JSONScanner, into usage: inout TokenUsage
    ) throws(JSONSyntaxError) {
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            if scanner.isEqual(key, "cached_tokens") {
                usage.cachedPromptTokens = try count(&scanner)
            } else if scanner.isEqual(key, "cache_write_tokens") {
                usage.cacheWriteTokens = try count(&scanner)
            } else if scanner.isEqual(key, "audio_tokens") {
                usage.audioPromptTokens = try count(&scanner)
            } else {
                _ = try scanner.value()
            }
        }
    }

    private static func readCompletionDetails(
        _ scanner: inout JSONScanner, into usage: inout TokenUsage
    ) throws(JSONSyntaxError) {
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            if scanner.isEqual(key, "reasoning_tokens") {
                usage.reasoningTokens = try count(&scanner)
            } else if scanner.isEqual(key, "audio_tokens") {
                usage.audioCompletionTokens = try count(&scanner)
            } else {
                _ = try scanner.value()
            }
        }
    }

    /// Nil for null.
    private static func sum(
        _ scanner: inout JSONScanner, _ isUnusable: inout Bool
    ) throws(JSONSyntaxError) -> Int64? {
        let value = try scanner.value()
        let number = count(value, scanner)
        if number == nil, value.kind != .null { isUnusable = true }
        return number
    }

    private static func count(_ scanner: inout JSONScanner) throws(JSONSyntaxError) -> Int64? {
        count(try scanner.value(), scanner)
    }

    private static func count(_ value: JSONValue, _ scanner: JSONScanner) -> Int64? {
        guard let number = scanner.integer(value), (0...largestCount).contains(number) else { return nil }
        return number
    }
}
