/// Other ids of an upstream model under which a price list may have it.
enum ModelIDNormalization {
    /// The id itself, then, in this order:
    ///
    /// - without a leading `publisher/`, as Vertex writes models (`anthropic/claude-sonnet-4-5@20250929`);
    /// - without the version after `@`, and with `@default` (Vertex's names of Claude models:
    ///   https://cloud.google.com/vertex-ai/generative-ai/docs/partner-models/claude);
    /// - without a date at the end, `-20250929` or `-2025-09-29`, as Anthropic and OpenAI name snapshots of a model;
    /// - with `-latest` removed.
    static func candidates(for model: String) -> [String] {
        var candidates = [model]
        func add(_ candidate: some StringProtocol) {
            let candidate = String(candidate)
            if !candidate.isEmpty, !candidates.contains(candidate) { candidates.append(candidate) }
        }
        if let slash = model.firstIndex(of: "/") { add(model[model.index(after: slash)...]) }
        for candidate in candidates {
            let parts = candidate.split(separator: "@", maxSplits: 1)
            guard let name = parts.first else { continue }
            if parts.count == 2 { add(name) }
            add("\(name)@default")
        }
        for candidate in candidates {
            add(candidate.replacing(/-(\d{8}|\d{4}-\d{2}-\d{2})$/, with: ""))
            if candidate.hasSuffix("-latest") { add(candidate.dropLast("-latest".count)) }
        }
        return candidates
    }
}
