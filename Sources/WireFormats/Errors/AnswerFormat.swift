public import NIOCore

/// What a body is, by its bytes: the content type is often wrong.
public enum AnswerFormat: Sendable {
    case json
    /// Neither JSON nor a page.
    case text

    /// Nil for a page, for nothing, and for what is neither.
    public init?(_ body: ByteBuffer) {
        let format = body.withBytes { bytes -> AnswerFormat? in
            var scanner = JSONScanner(bytes, .answer)
            if (try? scanner.value()) != nil, (try? scanner.finish()) != nil { return .json }
            return UpstreamErrorBody.plainText(bytes) == nil ? nil : .text
        }
        guard let format else { return nil }
        self = format
    }
}
