import GatewayCore

extension EffectiveValue {
    /// The value as a YAML document in block style, ending with a line feed.
    var yaml: String {
        var lines: [String] = []
        write(indent: "", prefix: "", into: &lines)
        return lines.joined(separator: "\n") + "\n"
    }

    fileprivate func write(indent: String, prefix: String, into lines: inout [String]) {
        switch self {
        case .mapping(let entries) where !entries.isEmpty:
            var lead = prefix
            for entry in entries {
                entry.write(indent: indent, prefix: lead, into: &lines)
                lead = indent
            }
        case .list(let items) where prefix == indent && isNested:
            for item in items { item.write(indent: indent + "  ", prefix: indent + "- ", into: &lines) }
        default:
            lines.append(prefix + inline)
        }
    }

    /// Whether it needs lines of its own.
    fileprivate var isNested: Bool {
        switch self {
        case .mapping(let entries): !entries.isEmpty
        case .list(let items): items.contains(where: \.isNested)
        case .null, .bare, .text, .referenced: false
        }
    }

    fileprivate var inline: String {
        switch self {
        case .null: "null"
        case .bare(let text): text
        case .text(let text), .referenced(let text, _): Self.quoted(text)
        case .list(let items): "[" + items.map(\.inline).joined(separator: ", ") + "]"
        case .mapping(let entries):
            "{" + entries.map { "\(Self.quoted($0.key)): \($0.value.inline)" }.joined(separator: ", ") + "}"
        }
    }

    /// The text without quotes if every YAML reader reads it as a string, in double quotes otherwise.
    fileprivate static func quoted(_ text: String) -> String {
        let ambiguous = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
        let isBare =
            text.utf8.first?.isASCIILetter == true && !ambiguous.contains(text.lowercased())
            && text.utf8.allSatisfy { $0.isASCIILetter || $0.isASCIIDigit || "_./@-".utf8.contains($0) }
        guard !isBare else { return text }
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\" + String(scalar)
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value):
                let digits = String(scalar.value, radix: 16)
                quoted += "\\x" + (digits.utf8.count == 1 ? "0" : "") + digits
            case "\u{2028}", "\u{2029}", "\u{FEFF}": quoted += "\\u" + String(scalar.value, radix: 16, uppercase: true)
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

extension EffectiveValue.Entry {
    fileprivate func write(indent: String, prefix: String, into lines: inout [String]) {
        let name = prefix + EffectiveValue.quoted(key) + ":"
        if value.isNested {
            lines.append(name)
            value.write(indent: indent + "  ", prefix: indent + "  ", into: &lines)
        } else {
            lines.append(name + " " + value.inline)
        }
    }
}
