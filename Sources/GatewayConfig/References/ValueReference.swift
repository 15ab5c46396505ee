public import GatewayCore

/// The source of a value that is not written in the document: `env.NAME`, `file./path` or `literal.value`.
public enum ValueReference: Sendable, Hashable {
    /// The trimmed text of an environment variable of the gateway's process; read once, at the start.
    case environment(String)
    /// The trimmed text of a file with an absolute path; read again at each reload.
    case file(String)
    /// The rest of the text. For tests and demonstrations: the file contains the secret.
    case literal(Secret)

    /// Nil if `text` has none of the three forms, and so is the value itself.
    init?(_ text: String) {
        if text.hasPrefix("env.") {
            let name = text.dropFirst("env.".count)
            guard let first = name.utf8.first, !first.isASCIIDigit, name.utf8.allSatisfy(Self.isNameByte) else {
                return nil
            }
            self = .environment(String(name))
        } else if text.hasPrefix("file./") {
            self = .file(String(text.dropFirst("file.".count)))
        } else if text.hasPrefix("literal.") {
            self = .literal(Secret(String(text.dropFirst("literal.".count))))
        } else {
            return nil
        }
    }

    /// The form of the reference that may be shown and stored; a literal's value is masked.
    public var text: String {
        switch self {
        case .environment(let name): "env.\(name)"
        case .file(let path): "file.\(path)"
        case .literal: "literal.\(Secret.mask)"
        }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || byte.isASCIIDigit || byte == UInt8(ascii: "_")
    }
}
