/// What validators say is wrong, in the shapes that they use: a text, a list of issues, or an issue as an object with a
/// text (`msg`, `message`, `detail`, …) and a place (`loc` as FastAPI and pydantic write it, or `field`).
struct ValidationIssues {
    /// More issues than these do not help a caller.
    private static let maxIssues = 8
    /// Issues within issues.
    private static let maxDepth = 4
    private static let readLimit = 64 * 1024
    private static let texts: [StaticString] = ["msg", "message", "detail", "error", "description", "reason", "title"]
    private static let places: [StaticString] = ["field", "param", "path", "pointer"]

    /// All issues, each with its place; nil if there is no text.
    private(set) var text: String?
    /// The field of the first issue that names one.
    private(set) var place: String?

    /// Reads a value of any kind.
    init(_ scanner: inout JSONScanner) throws(JSONSyntaxError) {
        try read(&scanner, depth: 0)
    }

    private mutating func read(_ scanner: inout JSONScanner, depth: Int) throws(JSONSyntaxError) {
        let first = try scanner.peek()
        switch first {
        case Byte.quote:
            let found = scanner.text(try scanner.string(), limit: Self.readLimit)
            text = found.isEmpty ? nil : found
        case Byte.openBracket where depth < Self.maxDepth: try readList(&scanner, depth: depth + 1)
        case Byte.openBrace where depth < Self.maxDepth: try readIssue(&scanner, depth: depth + 1)
        default: _ = try scanner.value()
        }
    }

    private mutating func readList(_ scanner: inout JSONScanner, depth: Int) throws(JSONSyntaxError) {
        var found: [String] = []
        try scanner.enterArray()
        while try scanner.nextElement() {
            guard found.count < Self.maxIssues else {
                _ = try scanner.value()
                continue
            }
            var issue = self
            (issue.text, issue.place) = (nil, nil)
            try issue.read(&scanner, depth: depth)
            if let text = issue.text { found.append(text) }
            place = place ?? issue.place
        }
        text = found.isEmpty ? nil : found.joined(separator: "; ")
    }

    private mutating func readIssue(_ scanner: inout JSONScanner, depth: Int) throws(JSONSyntaxError) {
        var words: String?
        // Already in the words.
        var innerPlace: String?
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            let first = try scanner.peek()
            if first == Byte.openBracket, scanner.isEqual(key, "loc") {
                place = try Self.readPlace(&scanner)
            } else if first == Byte.quote, Self.places.contains(where: { scanner.isEqual(key, $0) }) {
                let name = scanner.text(try scanner.string(), limit: Self.readLimit)
                place = place ?? name
            } else if Self.texts.contains(where: { scanner.isEqual(key, $0) }) {
                var inner = self
                (inner.text, inner.place) = (nil, nil)
                try inner.read(&scanner, depth: depth)
                words = words ?? inner.text
                innerPlace = innerPlace ?? inner.place
            } else {
                // `input` and `ctx` quote the request.
                _ = try scanner.value()
            }
        }
        text = words.map { words in place.map { "\($0): \(words)" } ?? words }
        place = place ?? innerPlace
    }

    /// `["body", "messages", 0, "role"]` is `messages[0].role`.
    private static func readPlace(_ scanner: inout JSONScanner) throws(JSONSyntaxError) -> String? {
        var place = ""
        try scanner.enterArray()
        while try scanner.nextElement() {
            guard try scanner.peek() == Byte.quote else {
                let value = try scanner.value()
                if let index = scanner.integer(value) { place += "[\(index)]" }
                continue
            }
            let name = scanner.text(try scanner.string(), limit: 256)
            if place.isEmpty, name == "body" { continue }
            if place.utf8.count < 1024 { place += place.isEmpty ? name : ".\(name)" }
        }
        return place.isEmpty ? nil : place
    }
}
