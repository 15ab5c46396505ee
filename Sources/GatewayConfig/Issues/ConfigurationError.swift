/// Why there is no configuration: everything that is wrong with the document, in the order of its lines.
public struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// At least one.
    public let issues: [ConfigurationIssue]

    init(_ issues: [ConfigurationIssue]) {
        self.issues = issues
    }

    /// One issue a line.
    public var description: String {
        issues.map(\.description).joined(separator: "\n")
    }
}
