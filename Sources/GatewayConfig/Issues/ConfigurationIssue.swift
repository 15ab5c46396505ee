/// An error or a warning at one place of the document.
public struct ConfigurationIssue: Sendable, Hashable, CustomStringConvertible {
    /// The file's name as given.
    public let file: String
    /// Counted from 1; nil if the issue concerns the whole file, such as a missing one.
    public let line: Int?
    /// Counted from 1, in Unicode scalars.
    public let column: Int?
    /// Where in the document: `providers[0].auth.token`. Empty for the document itself.
    public let path: String
    /// The problem and what to do. Never contains the value of a secret or of a reference.
    public let message: String

    init(file: String, position: Position?, path: String, message: String) {
        self.file = file
        self.line = position?.line
        self.column = position?.column
        self.path = path
        self.message = message
    }

    /// `gateway.yaml:12:5: providers[0].typ: unknown key; did you mean "type"?`
    public var description: String {
        var place = file
        if let line, let column { place += ":\(line):\(column)" }
        return path.isEmpty ? "\(place): \(message)" : "\(place): \(path): \(message)"
    }
}
