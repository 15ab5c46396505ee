import ContentCoding
import GatewayCore
import NIOCore
import NIOHTTP1

/// The coding of a request's body, and what of it has not been decoded.
struct CodedBody {
    private let decoder: ContentDecoder
    /// Encoded bytes that came in before the key was known: nothing is decoded for a stranger.
    private var early = ByteBuffer()
    private var isKeyKnown = false
    private(set) var isEndEarly = false
    /// Bytes as they came, which have the same limit as the decoded ones.
    private(set) var encodedBytes = 0

    /// - Returns: nil if the body comes as it is.
    /// - Throws: `unsupported_media_type` for a coding that the gateway does not decode.
    init?(_ headers: HTTPHeaders) throws(GatewayError) {
        let codings = headers[canonicalForm: "content-encoding"].filter { !$0.isSameIgnoringCase("identity") }
        guard let name = codings.first else { return nil }
        guard codings.count == 1, let coding = ContentCoding(name: String(name)) else {
            throw .client(
                .unsupportedMediaType,
                "The body is encoded as `\(codings.joined(separator: ", ").prefix(100))`; send it as it is, or with one of gzip, deflate and zstd.",
                param: "content-encoding")
        }
        do throws(ContentCodingError) {
            decoder = try ContentDecoder(coding)
        } catch {
            throw .internalError("the decoder of \(coding.rawValue) does not start")
        }
    }

    var workingBytes: Int { decoder.workingBytes }

    /// Adds a part. While the key is not known it is only kept.
    mutating func feed(_ part: ByteBuffer) {
        encodedBytes += part.readableBytes
        if isKeyKnown { decoder.feed(part) } else { early.writeImmutableBuffer(part) }
    }

    /// The body has come to its end.
    /// - Returns: false if that has to wait for the key.
    mutating func end() -> Bool {
        isEndEarly = !isKeyKnown
        return isKeyKnown
    }

    /// From now on the body is decoded.
    mutating func keyIsKnown() {
        isKeyKnown = true
        decoder.feed(early)
        early = ByteBuffer()
    }

    /// The next piece of the decoded body; nil while the key is not known, or if more has to come in.
    func next() throws(GatewayError) -> ByteBuffer? {
        guard isKeyKnown else { return nil }
        do throws(ContentCodingError) {
            return try decoder.next()
        } catch {
            throw Self.invalid(error)
        }
    }

    /// Checks that nothing is missing.
    func finish() throws(GatewayError) {
        do throws(ContentCodingError) {
            try decoder.finish()
        } catch {
            throw Self.invalid(error)
        }
    }

    private static func invalid(_ error: ContentCodingError) -> GatewayError {
        .client(
            .invalidRequest,
            error == .truncated
                ? "The encoded body ends too soon." : "The body is not what `Content-Encoding` says.",
            param: "content-encoding")
    }
}
