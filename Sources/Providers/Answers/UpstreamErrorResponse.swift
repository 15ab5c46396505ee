public import NIOCore
public import NIOHTTP1

/// A response with a status other than 2xx, while its body arrives.
public struct UpstreamErrorResponse: Sendable {
    /// More of an error than this is not worth keeping.
    private static let maxBytes = 64 * 1024

    public let status: Int
    public let retryAfterSeconds: Int?
    /// As far as it has arrived, at most 64 KiB.
    public private(set) var body = ByteBuffer()

    public init(_ head: HTTPResponseHead) {
        status = Int(head.status.code)
        // The form with a date (RFC 9110, section 10.2.3) is rare, and is then left out.
        retryAfterSeconds = head.headers.first(name: "retry-after").flatMap(Int.init).flatMap { $0 >= 0 ? $0 : nil }
    }

    /// Takes the next part of the body.
    public mutating func append(_ part: ByteBuffer) {
        var part = part
        let room = Self.maxBytes - body.readableBytes
        if let slice = part.readSlice(length: min(room, part.readableBytes)) { body.writeImmutableBuffer(slice) }
    }
}
