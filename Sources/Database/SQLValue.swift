/// An argument of a statement.
///
/// A missing value keeps its type (`.text(nil)`), because PostgreSQL has to be told the type of every parameter.
public enum SQLValue: Sendable, Hashable {
    case int64(Int64?)
    case double(Double?)
    case text(String?)
    case blob([UInt8]?)

    /// PostgreSQL refuses a zero character in a text, and SQLite reads the text back only up to it.
    var hasZeroInText: Bool {
        if case .text(let text?) = self { text.utf8.contains(0) } else { false }
    }
}
