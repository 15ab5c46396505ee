/// The facts of one `chat.completion.chunk`, found in one pass
/// (https://platform.openai.com/docs/api-reference/chat-streaming/streaming).
struct ChatChunk {
    /// The top-level `error`, unless it is absent or null.
    private(set) var error: Range<Int>?
    /// The `error` of each choice that has one (OpenRouter).
    private(set) var choiceErrors: [Range<Int>] = []
    /// The effective `usage`: the top-level one, otherwise that of a choice. Never null.
    private(set) var usage: Range<Int>?
    /// Any content, reasoning, refusal, tool or audio delta, or a finish reason.
    private(set) var hasContent = false
    /// The bytes of these deltas, as they are written.
    private(set) var contentBytes = 0

    /// A `type`, as in events of Responses and of Anthropic's messages, without `choices`. A ping is not a response.
    var isOfAnotherFamily: Bool { hasType && !hasChoicesMember }

    private var hasType = false
    private var hasChoicesMember = false
    /// Whether a choice has any content, even if only the role.
    private var hasChoices = false
    private var nullUsage: Range<Int>?
    private var choiceUsage: Range<Int>?
    private var hasUnusableIndex = false

    /// A chunk with only the usage: OpenAI's has empty `choices`, LiteLLM's a choice with an empty `delta`.
    var isUsageOnly: Bool { usage != nil && !hasChoices }

    /// Reads a chunk, and appends its edits, in order. Throws if it is not a JSON object.
    init(
        _ bytes: Bytes, quotedModel: Bytes, choices: inout ChoiceTracker,
        edits: inout [EventEdit]
    ) throws(RelayError) {
        var scanner = JSONScanner(bytes, .answer)
        do throws(JSONSyntaxError) {
            try readChunk(&scanner, quotedModel, &choices, &edits)
            try scanner.finish()
        } catch {
            throw .malformed("the data of an event is not a JSON object: \(error.sentence)")
        }
        if hasUnusableIndex { throw .malformed("the index of a choice is not below \(ChoiceTracker.limit)") }
    }

    private mutating func readChunk(
        _ scanner: inout JSONScanner, _ quotedModel: Bytes, _ choices: inout ChoiceTracker,
        _ edits: inout [EventEdit]
    ) throws(JSONSyntaxError) {
        var memberEnd = 0
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            if scanner.isEqual(key, "choices"), try scanner.peek() == Byte.openBracket {
                hasChoicesMember = true
                try readChoices(&scanner, &choices, &edits)
            } else {
                let value = try scanner.value()
                if scanner.isEqual(key, "model") {
                    if let edit = EventEdit(of: value, in: scanner.bytes, to: quotedModel) { edits.append(edit) }
                } else if scanner.isEqual(key, "usage") {
                    if value.kind == .object { usage = value.span }
                    if value.kind == .null { nullUsage = value.span }
                } else if scanner.isEqual(key, "error"), value.kind != .null {
                    error = value.span
                } else if scanner.isEqual(key, "type") {
                    hasType = value.kind == .string && !scanner.bytes.has(#""ping""#, at: value.span)
                }
            }
            memberEnd = scanner.position
        }
        promoteUsage(memberEnd, &edits)
    }

    /// Some providers (Moonshot) report the usage in a choice; SDKs look for it at the top level.
    private mutating func promoteUsage(_ memberEnd: Int, _ edits: inout [EventEdit]) {
        guard usage == nil, let choiceUsage else { return }
        usage = choiceUsage
        guard let nullUsage else {
            let end = memberEnd..<memberEnd
            return edits.append(EventEdit(range: end, text: #","usage":"#, tail: .copy(choiceUsage)))
        }
        let place = edits.firstIndex { $0.range.lowerBound > nullUsage.lowerBound } ?? edits.endIndex
        edits.insert(EventEdit(range: nullUsage, text: "", tail: .copy(choiceUsage)), at: place)
    }

    // MARK: Choices

    private mutating func readChoices(
        _ scanner: inout JSONScanner, _ choices: inout ChoiceTracker, _ edits: inout [EventEdit]
    ) throws(JSONSyntaxError) {
        try scanner.enterArray()
        while try scanner.nextElement() {
            guard try scanner.peek() == Byte.openBrace else {
                _ = try scanner.value()
                continue
            }
            try readChoice(&scanner, &choices, &edits)
        }
    }

    private mutating func readChoice(
        _ scanner: inout JSONScanner, _ choices: inout ChoiceTracker, _ edits: inout [EventEdit]
    ) throws(JSONSyntaxError) {
        var index: Int64 = 0
        var isFinished = false
        var isEmpty = false
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            if scanner.isEqual(key, "delta"), try scanner.peek() == Byte.openBrace {
                isEmpty = try !readDelta(&scanner, &edits)
                continue
            }
            let value = try scanner.value()
            if scanner.isEqual(key, "index") {
                index = scanner.integer(value) ?? 0
            } else if scanner.isEqual(key, "finish_reason") {
                // Some providers write "" where OpenAI writes null.
                isFinished = value.kind == .string && !value.isEmpty
            } else if scanner.isEqual(key, "usage"), value.kind == .object {
                choiceUsage = value.span
            } else if scanner.isEqual(key, "error"), value.kind != .null {
                choiceErrors.append(value.span)
            }
        }
        if isFinished { hasContent = true }
        if isFinished || !isEmpty { hasChoices = true }
        guard 0..<ChoiceTracker.limit ~= index else { return hasUnusableIndex = true }
        choices.record(index, isFinished: isFinished)
    }

    /// `reasoning_content` (DeepSeek) and `reasoning_text` (GitHub Copilot) are repeated as `reasoning`, unless the
    /// delta has one.
    /// - Returns: whether the delta has any member.
    private mutating func readDelta(_ scanner: inout JSONScanner, _ edits: inout [EventEdit]) throws(JSONSyntaxError)
        -> Bool
    {
        var hasMembers = false
        var hasReasoning = false
        var otherReasoning: Range<Int>?
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            let value = try scanner.value()
            hasMembers = true
            if scanner.isEqual(key, "role") { continue }
            if scanner.isEqual(key, "content") || scanner.isEqual(key, "refusal") || scanner.isEqual(key, "tool_calls")
                || scanner.isEqual(key, "function_call") || scanner.isEqual(key, "audio")
            {
                recordContent(value)
            } else if scanner.isEqual(key, "reasoning") {
                hasReasoning = true
                recordContent(value)
            } else if scanner.isEqual(key, "reasoning_content") || scanner.isEqual(key, "reasoning_text") {
                recordContent(value)
                if value.kind != .null, otherReasoning == nil { otherReasoning = value.span }
            }
        }
        if !hasReasoning, let span = otherReasoning {
            let end = span.upperBound..<span.upperBound
            edits.append(EventEdit(range: end, text: #","reasoning":"#, tail: .copy(span)))
        }
        return hasMembers
    }

    private mutating func recordContent(_ value: JSONValue) {
        guard value.hasContents else { return }
        hasContent = true
        contentBytes += value.span.count
    }
}
