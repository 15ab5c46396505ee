/// A coding of HTTP content (RFC 9110, section 8.4.1; zstd: RFC 8878 and RFC 9659).
public enum ContentCoding: String, Sendable, CaseIterable {
    case gzip, deflate, zstd

    /// The coding of this name, in any case; nil for others.
    public init?(name: String) {
        switch name.lowercased() {
        case "gzip", "x-gzip": self = .gzip
        case "deflate": self = .deflate
        case "zstd": self = .zstd
        default: return nil
        }
    }
}

/// Why content cannot be decoded: it is not of its coding, or ends within it.
public enum ContentCodingError: Error, Sendable, Equatable {
    case malformed
    case truncated
    /// The library refused to start: no memory.
    case unavailable
}
