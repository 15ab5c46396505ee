import Yams

/// Turns the text of a YAML file into a `DocumentNode`, within bounds. The only place that knows Yams.
///
/// Yams' own error descriptions quote the document, which may contain secrets; only its problem texts, which come from
/// libyaml and quote nothing, reach the operator.
struct DocumentLoader {
    /// A larger configuration is a mistake.
    static let maxBytes = 4 << 20
    /// Counted after aliases are expanded, so that a few lines of nested aliases cannot fill the memory.
    static let maxNodes = 200_000
    static let maxDepth = 64

    private let file: String
    private var nodes = 0

    private init(file: String) {
        self.file = file
    }

    static func load(_ text: String, file: String) throws(ConfigurationError) -> DocumentNode {
        var loader = DocumentLoader(file: file)
        guard text.utf8.count <= maxBytes else {
            throw loader.failure(nil, "the file is larger than \(maxBytes >> 20) MiB")
        }
        // libyaml treats a byte order mark as the first character of the first line.
        let content = text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
        if let line = ExpandingKeys.line(in: content) {
            throw loader.failure(
                Position(line: line, column: 1), "a key must be a plain name, not an alias, a list or a mapping")
        }
        guard let root = try loader.compose(content) else {
            throw loader.failure(nil, "the file is empty; it needs at least `providers` and `models`")
        }
        return try loader.convert(root, depth: 0)
    }

    private func compose(_ text: String) throws(ConfigurationError) -> Node? {
        do {
            return try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot()
        } catch let error as YamlError {
            throw explain(error)
        } catch {
            throw failure(nil, "the file cannot be read as YAML")
        }
    }

    private func explain(_ error: YamlError) -> ConfigurationError {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            failure(Position(mark), "not valid YAML: \(problem)\(advice(problem))")
        case .reader(let problem, _, _, _):
            failure(nil, "not valid YAML: \(problem)")
        case .duplicatedKeysInMapping(let names, let context):
            failure(
                Position(context.mark),
                "\(names.map { "\"\($0.asShortName)\"" }.joined(separator: ", ")) is written more than once in this "
                    + "mapping, here for the first time; keep one")
        default:
            failure(nil, "not valid YAML")
        }
    }

    private func advice(_ problem: String) -> String {
        problem.contains("cannot start any token") ? " (YAML indents with spaces, never tabs)" : ""
    }

    private mutating func convert(_ node: Node, depth: Int) throws(ConfigurationError) -> DocumentNode {
        let position = Position(node.mark)
        nodes += 1
        guard nodes <= Self.maxNodes else {
            throw failure(position, "the document has more than \(Self.maxNodes) values after its aliases are expanded")
        }
        guard depth <= Self.maxDepth else {
            throw failure(position, "the document is nested more than \(Self.maxDepth) levels deep")
        }
        switch node {
        case .scalar(let scalar):
            let content = try convert(scalar, at: position)
            var node = DocumentNode(position: position, content: content)
            node.isBlank = node.isNull && scalar.string.isEmpty
            return node
        case .sequence(let sequence):
            var items: [DocumentNode] = []
            for item in sequence { items.append(try convert(item, depth: depth + 1)) }
            return DocumentNode(position: position, content: .sequence(items))
        case .mapping(let mapping):
            var entries: [DocumentNode.Entry] = []
            for (key, value) in mapping {
                guard case .scalar(let name) = key else {
                    throw failure(Position(key.mark), "a key must be a plain name")
                }
                let value = try convert(value, depth: depth + 1)
                entries.append(DocumentNode.Entry(key: name.string, position: Position(key.mark), value: value))
            }
            return DocumentNode(position: position, content: .mapping(entries))
        case .alias:
            throw failure(position, "this alias has no anchor, or contains itself")
        }
    }

    private func convert(_ scalar: Node.Scalar, at position: Position) throws(ConfigurationError)
        -> DocumentNode.Content
    {
        let tag = Tag.Name(rawValue: scalar.tag.description)
        guard tag == .implicit || tag == .nonSpecific || tag == .str else {
            throw failure(position, "YAML tags such as \"!!int\" are not supported; write the value without a tag")
        }
        let isPlain = scalar.style == .plain && tag == .implicit
        let isNull = isPlain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
        return isNull ? .null : .scalar(DocumentNode.Scalar(text: scalar.string, isPlain: isPlain))
    }

    private func failure(_ position: Position?, _ message: String) -> ConfigurationError {
        ConfigurationError([ConfigurationIssue(file: file, position: position, path: "", message: message)])
    }
}

extension Position {
    fileprivate init(_ mark: Mark?) {
        self.init(line: mark?.line ?? 1, column: mark?.column ?? 1)
    }
}
