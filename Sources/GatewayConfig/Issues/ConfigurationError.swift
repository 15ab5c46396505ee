/// Why the configuration is invalid: all errors of the document, in the order of its lines.
public struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// At least one.
    public let issues: [ConfigurationIssue]

    /// - Parameter issues: at least one.
    public init(_ issues: [ConfigurationIssue]) {
        self.issues = issues
    }

    /// One issue per line.
    public var description: String {
        issues.map(\.description).joined(separator: "\n")
    }
}
