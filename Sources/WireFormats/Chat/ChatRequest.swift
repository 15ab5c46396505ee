public import GatewayCore
public import NIOCore

/// What the gateway needs to know of the body of `POST /v1/chat/completions`, and where it stands in the bytes.
///
/// The body itself is never decoded: an OpenAI-compatible upstream gets it as the caller wrote it, but for what must
/// change.
public struct ChatRequest: Sendable, Equatable {
    /// The requested model, escapes resolved. Never empty.
    public let model: String
    /// Whether the answer is to be a stream.
    public let stream: Bool
    /// Whether the caller asked for the usage of a stream (`stream_options.include_usage`).
    public let includeUsage: Bool
    /// What a route must be able to do to serve this request.
    public let required: CapabilitySet
    /// The first field that refers to something that the provider keeps; nil if none does.
    public let stateField: String?

    /// Where `stream_options.include_usage` is, or has to be put.
    enum UsageOption: Sendable, Equatable {
        /// There is no `stream_options`; a member can be added at this offset, after another one.
        case missing(at: Int)
        /// `stream_options` is null.
        case null(Range<Int>)
        /// `stream_options` lacks it; it can be put first, at this offset.
        case unset(at: Int, isOnlyMember: Bool)
        /// It has a value: `true` or `false`.
        case set(Range<Int>)
    }

    /// The value of `model` with its quotes, in bytes from the first readable one.
    let modelSpan: Range<Int>
    let usageOption: UsageOption

    /// Reads a request body, once, from front to back.
    ///
    /// Every error is the caller's: `invalid_json` with the byte offset for what is not JSON, and for a key that comes
    /// twice where the upstream might read another one than the gateway (top level, `stream_options`); otherwise
    /// `invalid_request` with `param` naming the field.
    public static func scan(_ body: ByteBuffer) throws(GatewayError) -> ChatRequest {
        let outcome = body.withBytes { bytes in
            do throws(GatewayError) {
                var scan = ChatRequestScan(bytes)
                return Result<ChatRequest, GatewayError>.success(try scan.run())
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }
}
