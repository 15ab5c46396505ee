public import NIOCore
public import NIOHTTP1

/// A response with a status other than 2xx, while its body arrives.
public struct UpstreamErrorResponse: Sendable {
    /// More of an error than this is not worth keeping.
    private static let maxBytes = 64 * 1024

    public let status: Int
    /// When the provider says that a retry makes sense; nil if it does not.
    public let retryAfterMilliseconds: Int?
    /// Nil if the provider named none.
    public let contentType: String?
    /// Whether the body is compressed, which the gateway has not asked for: nothing can be read of it.
    public let isEncoded: Bool
    /// As far as it has arrived, at most 64 KiB.
    public private(set) var body = ByteBuffer()
    /// Whether bytes of the body were not kept.
    public private(set) var isCut = false

    /// - Parameter now: when the head arrived, in microseconds since 1970 UTC.
    public init(_ head: HTTPResponseHead, now: Int64) {
        status = Int(head.status.code)
        contentType = head.headers.first(name: "content-type")
        isEncoded = head.headers.first(name: "content-encoding").map { $0.lowercased() != "identity" } ?? false
        retryAfterMilliseconds = RetryAfter.milliseconds(in: head.headers, now: now)
    }

    /// Takes the next part of the body.
    public mutating func append(_ part: ByteBuffer) {
        var part = part
        let room = Self.maxBytes - body.readableBytes
        if let slice = part.readSlice(length: min(room, part.readableBytes)) { body.writeImmutableBuffer(slice) }
        if part.readableBytes > 0 { isCut = true }
    }

    /// Marks the end of a body that broke off.
    public mutating func markIncomplete() {
        isCut = true
    }
}
