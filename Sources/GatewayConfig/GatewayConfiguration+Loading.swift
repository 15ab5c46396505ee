import GatewayCore

/// A configuration, and its warnings.
public struct LoadedConfiguration: Sendable {
    /// What the gateway runs with.
    public let configuration: GatewayConfiguration
    /// In the order of the document: sections without an effect yet, credentials whose references have no value.
    public let warnings: [ConfigurationIssue]
}

extension GatewayConfiguration {
    /// Reads and validates the file at `path`. A missing file is an error, not an empty configuration.
    ///
    /// Blocks until the file and those that it refers to are read, at most a few seconds.
    /// - Parameter prices: what providers and routes are checked against; nil leaves these checks out.
    public static func load(
        path: String, environment: [String: String], prices: (any PriceListIndex)? = nil
    ) throws(ConfigurationError) -> LoadedConfiguration {
        let files = FileReader()
        let text: String
        do {
            text = try files.read(path, maxBytes: DocumentLoader.maxBytes)
        } catch {
            let issue = ConfigurationIssue(file: path, position: nil, path: "", message: error.hint)
            throw ConfigurationError([issue])
        }
        return try parse(text: text, file: path, environment: environment, prices: prices) { path in
            try files.read(path, maxBytes: FileReader.maxValueBytes)
        }
    }

    /// Validates `text`.
    /// - Parameters:
    ///   - file: what issues call the document.
    ///   - prices: what providers and routes are checked against; nil leaves these checks out.
    ///   - readFile: gives the text of a file that a `file.` reference names.
    public static func parse(
        text: String, file: String, environment: [String: String], prices: (any PriceListIndex)? = nil,
        readFile: (String) throws -> String
    ) throws(ConfigurationError) -> LoadedConfiguration {
        let document = try DocumentLoader.load(text, file: file)
        let result = withoutActuallyEscaping(readFile) { readFile in
            let resolver = ReferenceResolver(environment: environment, readFile: readFile)
            let context = ReadContext(file: file, source: .file(resolver))
            let root = MappingReader(document, at: Place(position: document.position, path: ""), context: context)
            let configuration = GatewayConfiguration(root, hash: ContentHash.sha256(text), prices: prices)
            return (configuration: configuration, errors: context.errors, warnings: context.warnings)
        }
        guard result.errors.isEmpty else { throw ConfigurationError(inOrder(result.errors)) }
        return LoadedConfiguration(configuration: result.configuration, warnings: inOrder(result.warnings))
    }

    private static func inOrder(_ issues: [ConfigurationIssue]) -> [ConfigurationIssue] {
        let order = issues.indices.sorted { left, right in
            let (first, second) = (issues[left], issues[right])
            return (first.line ?? 0, first.column ?? 0, left) < (second.line ?? 0, second.column ?? 0, right)
        }
        return order.map { issues[$0] }
    }
}
