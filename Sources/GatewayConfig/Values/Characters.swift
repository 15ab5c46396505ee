import GatewayCore

extension UInt8 {
    /// Whether the byte is visible ASCII: no space, no control character.
    var isVisibleASCII: Bool { (0x21...0x7E).contains(self) }
}

extension String {
    /// The text for one line of a terminal: at most 64 characters, control characters replaced. Where a `literal.`
    /// stands in the place of a name, such as in `{ kind: bearer, literal.secret }`, its value is masked.
    var asShortName: String {
        guard !hasPrefix("literal.") else { return "literal.\(Secret.mask)" }
        let shown = String(prefix(64).map { $0.unicodeScalars.contains { $0.properties.isControl } ? "?" : $0 })
        return shown.count < count ? shown + "…" : shown
    }

    /// The text without white space at its ends.
    var trimmed: String {
        var rest = Substring(self)
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}

extension Unicode.Scalar.Properties {
    /// Whether nothing is seen of the character: control and format characters, such as U+200B and a byte order mark,
    /// and others that are drawn as nothing.
    var isInvisible: Bool { isControl || isDefaultIgnorableCodePoint }

    var isControl: Bool { generalCategory == .control || generalCategory == .format }
}
