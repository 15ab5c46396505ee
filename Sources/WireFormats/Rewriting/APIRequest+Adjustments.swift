public import GatewayCore
public import NIOCore

extension APIRequest {
    /// The body for a route: the caller's, with the upstream's name of the model, and then what the route changes: its `extra_body`,
    /// the compatibility profile (of chat only), that a stream's usage is asked for, and that nothing is stored.
    ///
    /// - Parameter body: the one that was scanned.
    public func body(_ body: ByteBuffer, model: String, adjustments: RouteAdjustments) -> [ByteBuffer] {
        let isAdapted = operation == .chat ? adjustments.changeBody : adjustments.extraBody != nil
        guard isAdapted else {
            return switch self {
            case .chat(let request): request.rewritten(body, model: model, askForUsage: true)
            case .responses(let request):
                request.rewritten(body, model: model, storesResponses: adjustments.storesResponses)
            case .embeddings(let request): request.rewritten(body, model: model)
            }
        }
        // It was JSON when it was scanned.
        guard var draft = body.withBytes({ JSONObjectDraft($0) }) else { return [body] }
        if let extra = adjustments.extraBody.flatMap({ Array($0.utf8).withBytes { JSONObjectDraft($0) } }) {
            draft.merge(extra)
        }
        draft["model"] = JSONText.quoted(model)
        switch operation {
        case .chat: draft.adapt(to: adjustments.compatibility, isStream: stream)
        case .responses: if !adjustments.storesResponses { draft["store"] = Array("false".utf8) }
        case .embeddings: break
        }
        return [ByteBuffer(bytes: draft.bytes)]
    }
}

extension JSONObjectDraft {
    fileprivate mutating func adapt(to profile: CompatibilityProfile, isStream: Bool) {
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
        } else if isStream {
            askForUsage()
        }
    }

    /// Of two limits the one that the provider knows stays.
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

    /// The messages with the role `system` in the place of `developer`.
    private static func withoutDevelopers(_ messages: [UInt8]) -> [UInt8] {
        messages.withBytes { bytes in
            var roles: [Range<Int>] = []
            // It was an array when it was scanned; an element that is no object has no role.
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
