public import NIOCore

/// Decodes content piece by piece as it comes in, with bounded memory: a piece has at most `pieceBytes`, however much
/// the input stands for.
///
/// Give it what has come in by `feed`, and take pieces by `next` until there is none. Not thread-safe.
public final class ContentDecoder {
    /// The most that one call of `next` returns, in bytes.
    public static let pieceBytes = 64 * 1024

    private let inflater: any Inflater
    private var input = ByteBuffer()

    /// - Throws: `ContentCodingError.unavailable`.
    public init(_ coding: ContentCoding) throws(ContentCodingError) {
        inflater =
            switch coding {
            case .gzip: try ZlibInflater(.gzip)
            case .deflate: try ZlibInflater(.deflate)
            case .zstd: try ZstdInflater()
            }
    }

    /// The memory that the decoder itself takes, in bytes; it can grow with the input.
    public var workingBytes: Int { inflater.workingBytes }

    /// Adds encoded bytes. What was fed before has to be taken first.
    public func feed(_ part: ByteBuffer) {
        if input.readableBytes == 0 { input = part } else { input.writeImmutableBuffer(part) }
    }

    /// The next decoded piece; nil if more input is needed.
    /// - Throws: `ContentCodingError.malformed`.
    public func next() throws(ContentCodingError) -> ByteBuffer? {
        var piece = ByteBufferAllocator().buffer(capacity: Self.pieceBytes)
        try inflater.inflate(&input, into: &piece)
        return piece.readableBytes > 0 ? piece : nil
    }

    /// Checks that the input ended where its coding does. Content without a byte is complete too.
    /// - Throws: `ContentCodingError.truncated`.
    public func finish() throws(ContentCodingError) {
        guard inflater.isComplete else { throw .truncated }
    }
}

/// One library's decoder.
protocol Inflater: AnyObject {
    var workingBytes: Int { get }
    /// Whether the input so far is complete.
    var isComplete: Bool { get }
    /// Decodes until the input is used up or `output` has no room left. Reads what it uses from `input`.
    func inflate(_ input: inout ByteBuffer, into output: inout ByteBuffer) throws(ContentCodingError)
}
