/// Comma-separated values (RFC 4180).
public enum CSV {
    /// A line with quotes where they are needed.
    ///
    /// A spreadsheet would run a cell that begins with `=`, `+`, `-` or `@` as a formula, and callers choose the values
    /// of tags and sessions; such a cell gets an apostrophe before it (OWASP, CSV Injection), unless it is a number.
    public static func line(_ cells: [String]) -> String {
        cells.map { cell in
            let isFormula = cell.first.map { "=+-@\t\r".contains($0) } ?? false
            let safe = isFormula && Double(cell) == nil ? "'" + cell : cell
            let needsQuotes = safe.contains { ",\"\n\r\r\n".contains($0) }
            return needsQuotes ? "\"" + safe.replacing("\"", with: "\"\"") + "\"" : safe
        }
        .joined(separator: ",")
    }

    /// A line of a file, with the number under which an editor shows its beginning.
    public struct Record: Sendable, Hashable {
        public let line: Int
        public let cells: [String]

        public init(line: Int, cells: [String]) {
            self.line = line
            self.cells = cells
        }
    }

    /// The records of a file, without empty lines. A byte order mark at its beginning is passed over.
    /// - Returns: nil if a quoted cell does not end.
    public static func records(_ text: String) -> [Record]? {
        var records: [Record] = []
        var cells: [String] = []
        var cell: [UInt8] = []
        var isQuoted = false
        var (line, start) = (1, 1)
        func finishCell() {
            cells.append(String(decoding: cell, as: UTF8.self))
            cell = []
        }
        func finishRecord() {
            finishCell()
            if cells != [""] { records.append(Record(line: start, cells: cells)) }
            cells = []
            start = line
        }
        var bytes = Array(text.utf8)[...]
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
        while let byte = bytes.popFirst() {
            if byte == UInt8(ascii: "\n") { line += 1 }
            switch byte {
            case UInt8(ascii: "\"") where isQuoted:
                if bytes.first == UInt8(ascii: "\"") { cell.append(bytes.removeFirst()) } else { isQuoted = false }
            case UInt8(ascii: "\"") where cell.isEmpty: isQuoted = true
            case UInt8(ascii: ",") where !isQuoted: finishCell()
            case UInt8(ascii: "\n") where !isQuoted: finishRecord()
            case UInt8(ascii: "\r") where !isQuoted && bytes.first == UInt8(ascii: "\n"): break
            default: cell.append(byte)
            }
        }
        guard !isQuoted else { return nil }
        if !cell.isEmpty || !cells.isEmpty { finishRecord() }
        return records
    }
}
