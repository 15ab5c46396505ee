import CZlib
import NIOCore

/// gzip (RFC 1952) and deflate (RFC 1950; some clients send RFC 1951 without its wrapper).
final class ZlibInflater: Inflater {
    enum Format {
        case gzip, deflate
    }

    /// zlib's window and state, as its documentation gives them.
    let workingBytes = 48 * 1024
    private let format: Format
    /// On the heap, since zlib refers to it.
    private let stream: UnsafeMutablePointer<z_stream>
    private var isStarted = false
    private(set) var isComplete = true

    init(_ format: Format) throws(ContentCodingError) {
        self.format = format
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        if format == .gzip { try start(windowBits: 15 + 16) }
    }

    deinit {
        if isStarted { inflateEnd(stream) }
        stream.deinitialize(count: 1)
        stream.deallocate()
    }

    private func start(windowBits: Int32) throws(ContentCodingError) {
        let size = Int32(MemoryLayout<z_stream>.size)
        guard inflateInit2_(stream, windowBits, ZLIB_VERSION, size) == Z_OK else { throw .unavailable }
        isStarted = true
    }

    func inflate(_ input: inout ByteBuffer, into output: inout ByteBuffer) throws(ContentCodingError) {
        guard try detectFormat(&input) else { return }
        while output.writableBytes > 0 {
            // A whole stream has been read: what follows is another one (RFC 1952, section 2.2).
            if isComplete, input.readableBytes > 0, stream.pointee.total_in > 0 {
                guard format == .gzip, inflateReset(stream) == Z_OK else { throw .malformed }
            }
            let hadInput = input.readableBytes > 0
            // Without input there may still be output that had no room.
            guard hadInput || !isComplete else { return }
            let (status, written) = step(&input, &output)
            switch status {
            case Z_STREAM_END: isComplete = true
            case Z_OK: isComplete = false
            case Z_BUF_ERROR:
                isComplete = false
                if written == 0 { return }
            default: throw .malformed
            }
            if !hadInput, written == 0 { return }
        }
    }

    private func step(_ input: inout ByteBuffer, _ output: inout ByteBuffer) -> (status: Int32, written: Int) {
        var (status, read) = (Z_OK, 0)
        let available = output.writableBytes
        let written = output.writeWithUnsafeMutableBytes(minimumWritableBytes: available) { target in
            input.withUnsafeReadableBytes { source in
                // zlib does not write to its input.
                stream.pointee.next_in = UnsafeMutablePointer(
                    mutating: source.baseAddress?.assumingMemoryBound(to: UInt8.self))
                stream.pointee.avail_in = UInt32(source.count)
                stream.pointee.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
                stream.pointee.avail_out = UInt32(target.count)
                status = CZlib.inflate(stream, Z_NO_FLUSH)
                read = source.count - Int(stream.pointee.avail_in)
                return target.count - Int(stream.pointee.avail_out)
            }
        }
        input.moveReaderIndex(forwardBy: read)
        return (status, written)
    }

    /// - Returns: false if more input is needed.
    private func detectFormat(_ input: inout ByteBuffer) throws(ContentCodingError) -> Bool {
        guard !isStarted else { return true }
        guard input.readableBytes > 0 else { return false }
        isComplete = false
        guard let bytes = input.getBytes(at: input.readerIndex, length: 2) else { return false }
        // RFC 1950, section 2.2: CM is 8, and the two bytes are a multiple of 31.
        let isWrapped = bytes[0] & 0x0F == 8 && (Int(bytes[0]) << 8 | Int(bytes[1])) % 31 == 0
        try start(windowBits: isWrapped ? 15 : -15)
        return true
    }
}
