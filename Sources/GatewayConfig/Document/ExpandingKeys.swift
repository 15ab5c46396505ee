/// Finds keys that are no names in a document with many aliases.
///
/// Yams compares the keys of a mapping with all aliases expanded, so a few lines of nested aliases in a key would
/// occupy a processor for hours. It offers no look at the document before that; this check of the text comes first.
enum ExpandingKeys {
    /// With fewer aliases than this, what they expand to is small.
    private static let maxAliases = 20

    /// The line of the first such key, counted from 1; nil in a document without one, or with few aliases.
    static func line(in text: String) -> Int? {
        guard text.matches(of: /\*[\w.\-]+/).count > maxAliases else { return nil }
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            // An explicit key, an alias before a colon, and a flow collection before a colon (YAML 1.2.2, 7.4 and 8.2).
            let isKey =
                line.contains(/(^|[\s,{\[\-])\?(\s|$)/) || line.contains(/\*[^\s,\[\]{}]+\s*:(\s|$)/)
                || line.contains(/[\]}]\s*:(\s|,|\]|}|$)/)
            if isKey { return index + 1 }
        }
        return nil
    }
}
