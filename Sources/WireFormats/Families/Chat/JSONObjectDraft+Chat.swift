import GatewayCore

/// Adapts a chat request to a provider's compatibility profile.
extension JSONObjectDraft {
    mutating func adapt(to profile: CompatibilityProfile, asksForUsage: Bool) {
        if !profile.supportsStore { self["store"] = nil }
        switch profile.maxTokensField {
        case .passthrough: break
        case .maxTokens: use("max_tokens", insteadOf: "max_completion_tokens")
        case .maxCompletionTokens: use("max_completion_tokens", insteadOf: "max_tokens")
        }
        if profile.developerRole == .system, let messages = self["messages"] {
            self["messages"] = Self.withoutDevelopers(messages)
        }
        adaptReasoning(to: profile.reasoningEffort)
        if !profile.supportsStreamUsage {
            self["stream_options"] = nil
        } else if asksForUsage {
            askForUsage()
        }
    }

    /// Keeps the limit that the provider knows if there are two.
    private mutating func use(_ name: StaticString, insteadOf other: StaticString) {
        if self[name] == nil { rename(other, to: name) } else { self[other] = nil }
    }

    private mutating func adaptReasoning(to way: CompatibilityProfile.ReasoningEffort) {
        guard way != .passthrough, let effort = self["reasoning_effort"] else { return }
        self["reasoning_effort"] = nil
        if way == .reasoningObject, self["reasoning"] == nil, effort != Array("null".utf8) {
            self["reasoning"] = Array(#"{"effort":"#.utf8) + effort + [Byte.closeBrace]
        }
    }

    private mutating func askForUsage() {
        let wanted = Array("true".utf8)
        if let options = self["stream_options"], var draft = options.withBytes({ JSONObjectDraft($0) }) {
            draft["include_usage"] = wanted
            self["stream_options"] = draft.bytes
        } else {
            self["stream_options"] = Array(#"{"include_usage":true}"#.utf8)
        }
    }

    /// The messages with the role `system` instead of `developer`.
    private static func withoutDevelopers(_ messages: [UInt8]) -> [UInt8] {
        messages.withBytes { bytes in
            var roles: [Range<Int>] = []
            // The scan found an array; an element that is not an object has no role.
            try? findDevelopers(in: bytes, &roles)
            var result: [UInt8] = []
            result.reserveCapacity(bytes.count)
            var written = 0
            for role in roles {
                result += bytes.part(written..<role.lowerBound).buffer
                result += #""system""#.utf8
                written = role.upperBound
            }
            return result + bytes.part(written..<bytes.count).buffer
        }
    }

    private static func findDevelopers(in bytes: Bytes, _ roles: inout [Range<Int>]) throws(JSONSyntaxError) {
        var scanner = JSONScanner(bytes)
        guard try scanner.peek() == Byte.openBracket else { return }
        try scanner.enterArray()
        while try scanner.nextElement() {
            guard try scanner.peek() == Byte.openBrace else {
                _ = try scanner.value()
                continue
            }
            try scanner.enterObject()
            while let key = try scanner.nextKey() {
                guard scanner.isEqual(key, "role"), try scanner.peek() == Byte.quote else {
                    _ = try scanner.value()
                    continue
                }
                let role = try scanner.string()
                if scanner.isEqual(role, "developer") { roles.append(role.span) }
            }
        }
    }
}
