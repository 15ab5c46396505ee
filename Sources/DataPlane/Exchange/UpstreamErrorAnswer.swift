import GatewayCore
import NIOCore
import NIOHTTP1
import Providers
import WireFormats

/// An answer with a status other than 2xx, while its body comes in.
struct UpstreamErrorAnswer {
    /// More of an error than this is not worth keeping.
    private static let maxBytes = 64 * 1024

    let status: Int
    let retryAfterSeconds: Int?
    private var body = ByteBuffer()

    init(_ head: HTTPResponseHead) {
        status = Int(head.status.code)
        // The form with a date (RFC 9110, section 10.2.3) is rare, and is then left out.
        retryAfterSeconds = head.headers.first(name: "retry-after").flatMap(Int.init).flatMap { $0 >= 0 ? $0 : nil }
    }

    mutating func append(_ part: ByteBuffer) {
        var part = part
        let room = Self.maxBytes - body.readableBytes
        if let slice = part.readSlice(length: min(room, part.readableBytes)) { body.writeImmutableBuffer(slice) }
    }

    /// What it means for the caller.
    /// - Parameter redact: takes the secrets of provider and route out of a text.
    func error(from provider: String, redact: (String) -> String) -> GatewayError {
        UpstreamErrorMapping.status(
            status, provider: provider,
            report: UpstreamErrorBody(body: body).redacted(by: redact),
            retryAfterSeconds: retryAfterSeconds)
    }
}
