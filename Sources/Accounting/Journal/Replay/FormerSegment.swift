import Glibc

/// A segment that a former run left.
struct FormerSegment: Sendable {
    let name: String
    let header: SegmentHeader
    let fileBytes: Int

    /// Any larger file is no segment.
    private static let maxBytes = 64 << 20

    enum Found {
        case segment(FormerSegment)
        /// No segment, or its header is damaged.
        case unreadable(name: String)
    }

    /// Reads the header of a file.
    /// - Throws: `unknownVersion`; `unusable` if the file cannot be read.
    static func find(_ name: String, in folder: SegmentFolder) throws(JournalError) -> Found {
        let path = "\(folder.path)/\(name)"
        let (bytes, size) = try read(path, atMost: SegmentHeader.bytes)
        do throws(SegmentHeader.ReadingError) {
            guard size <= maxBytes else { return .unreadable(name: name) }
            let header: Result<SegmentHeader, SegmentHeader.ReadingError> = bytes.withUnsafeBytes { bytes in
                do throws(SegmentHeader.ReadingError) {
                    return .success(try SegmentHeader(bytes))
                } catch {
                    return .failure(error)
                }
            }
            return .segment(FormerSegment(name: name, header: try header.get(), fileBytes: size))
        } catch {
            switch error {
            case .damaged: return .unreadable(name: name)
            case .unknownVersion(let version): throw .unknownVersion(file: path, version: version)
            }
        }
    }

    /// The whole file, into memory: a mapping would fail as a signal where the disk does. Nil if it is gone: it was
    /// removed when all of it was applied, and a stop came before that was recorded.
    func read(in folder: SegmentFolder) throws(JournalError) -> [UInt8]? {
        let path = "\(folder.path)/\(name)"
        if access(path, F_OK) != 0, errno == ENOENT { return nil }
        return try Self.read(path, atMost: Self.maxBytes).bytes
    }

    private static func read(
        _ path: String, atMost limit: Int
    ) throws(JournalError) -> (bytes: [UInt8], fileBytes: Int) {
        do throws(SystemError) {
            let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
            guard descriptor >= 0 else { throw SystemError("open") }
            defer { close(descriptor) }
            var status = stat()
            guard fstat(descriptor, &status) == 0 else { throw SystemError("fstat") }
            let size = Int(status.st_size)
            return (try read(descriptor, min(size, limit)), size)
        } catch {
            throw .unusable(path: path, reason: error.reason)
        }
    }

    private static func read(_ descriptor: CInt, _ count: Int) throws(SystemError) -> [UInt8] {
        var failure: SystemError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, done in
            while done < count {
                let got = pread(descriptor, buffer.baseAddress.map { $0 + done }, count - done, off_t(done))
                if got < 0, errno == EINTR { continue }
                if got < 0 { failure = SystemError("pread") }
                guard got > 0 else { break }
                done += got
            }
        }
        if let failure { throw failure }
        return bytes
    }
}
