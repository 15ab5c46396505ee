import NIOCore

/// Tells a stream of events from other bodies by its first bytes. Answers with a wrong content type are common, in both
/// directions.
struct StreamOpening {
    /// More of a document than this is not kept.
    private static let limit = 64 * 1024

    private enum Kind {
        case unknown, events, document(ByteBuffer), page
    }

    private var kind = Kind.unknown

    /// What is certain before the end.
    var fault: RelayError? {
        if case .page = kind { .malformed("its answer is a page instead of server-sent events") } else { nil }
    }

    /// What a body that has ended was; nil if it was a stream.
    var document: RelayError? {
        guard case .document(let body) = kind else { return nil }
        let report = UpstreamErrorBody(body: body)
        return report == UpstreamErrorBody()
            ? .malformed("its answer is a JSON document instead of server-sent events")
            : .upstreamReportedError(report)
    }

    /// Takes the next part; false if it belongs to something else than a stream.
    mutating func isStream(_ part: ByteBuffer) -> Bool {
        switch kind {
        case .events: return true
        case .page: return false
        case .document(var body):
            kind = .unknown
            Self.append(part, to: &body)
            kind = .document(body)
            return false
        case .unknown: break
        }
        switch Self.firstByte(of: part) {
        // Blank lines before the first event mean nothing.
        case nil: return true
        case Byte.openBrace, Byte.openBracket:
            var body = ByteBuffer()
            Self.append(part, to: &body)
            kind = .document(body)
            return false
        case UInt8(ascii: "<"):
            kind = .page
            return false
        default:
            kind = .events
            return true
        }
    }

    private static func append(_ part: ByteBuffer, to body: inout ByteBuffer) {
        var part = part
        let room = max(0, limit - body.readableBytes)
        if let slice = part.readSlice(length: min(room, part.readableBytes)) { body.writeImmutableBuffer(slice) }
    }

    private static func firstByte(of part: ByteBuffer) -> UInt8? {
        part.withBytes { bytes in
            var index = bytes.count >= 3 && bytes.has("\u{FEFF}", at: 0..<3) ? 3 : 0
            while index < bytes.count, Byte.isWhitespace(bytes[index]) { index += 1 }
            return index < bytes.count ? bytes[index] : nil
        }
    }
}
