import CZstd
import NIOCore

/// zstd (RFC 8878), with windows up to 8 MiB, as RFC 9659 requires of HTTP.
final class ZstdInflater: Inflater {
    private static let maxWindowLog: Int32 = 23

    private let context: OpaquePointer
    private(set) var isComplete = true

    init() throws(ContentCodingError) {
        guard let context = ZSTD_createDCtx() else { throw .unavailable }
        self.context = context
        guard ZSTD_isError(ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Self.maxWindowLog)) == 0 else {
            throw .unavailable
        }
    }

    deinit {
        ZSTD_freeDCtx(context)
    }

    var workingBytes: Int { ZSTD_sizeof_DCtx(context) }

    func inflate(_ input: inout ByteBuffer, into output: inout ByteBuffer) throws(ContentCodingError) {
        while output.writableBytes > 0 {
            let hadInput = input.readableBytes > 0
            guard hadInput || !isComplete else { return }
            let (hint, written) = step(&input, &output)
            guard ZSTD_isError(hint) == 0 else { throw .malformed }
            // 0 at the end of a frame; another one may follow.
            isComplete = hint == 0
            if !hadInput, written == 0 { return }
        }
    }

    private func step(_ input: inout ByteBuffer, _ output: inout ByteBuffer) -> (hint: Int, written: Int) {
        var (hint, read) = (0, 0)
        let available = output.writableBytes
        let written = output.writeWithUnsafeMutableBytes(minimumWritableBytes: available) { target in
            input.withUnsafeReadableBytes { source in
                var from = ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: 0)
                var into = ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
                hint = ZSTD_decompressStream(context, &into, &from)
                read = from.pos
                return into.pos
            }
        }
        input.moveReaderIndex(forwardBy: read)
        return (hint, written)
    }
}
