import Glibc

/// The folder of the segments: creating, naming and removing files.
package struct SegmentFolder: Sendable {
    static let suffix = ".segment"
    /// A file that is not complete: the gateway stopped while it made it.
    static let unfinishedSuffix = ".preparing"

    let path: String
    /// Reserves the space of a new file; 0 or the error's code, as posix_fallocate(3). Tests replace it.
    var allocate: Allocate = { posix_fallocate($0, 0, off_t($1)) }
    /// Writes a part of a mapping to the disk, as msync(2). Tests replace it.
    var flush: Flush = { msync($0, $1, MS_SYNC) }

    package typealias Allocate = @Sendable (_ descriptor: CInt, _ bytes: Int) -> CInt
    package typealias Flush = @Sendable (_ address: UnsafeMutableRawPointer, _ bytes: Int) -> CInt

    /// The same folder, created if it is missing.
    func made() throws(SystemError) -> SegmentFolder {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw SystemError("mkdir") }
        return self
    }

    /// Creates and maps a segment: its space is reserved, so that no write to the mapping meets a full disk, and file,
    /// header and name are on the disk when this returns.
    func create(_ header: SegmentHeader) throws(SystemError) -> JournalSegment {
        let name = "\(header.replicaID)-\(header.loop)-\(header.sequence)"
        let (unfinished, path) = ("\(path)/\(name)\(Self.unfinishedSuffix)", "\(path)/\(name)\(Self.suffix)")
        let descriptor = open(unfinished, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SystemError("open") }
        defer { close(descriptor) }
        do throws(SystemError) {
            try fill(descriptor, header)
            let base = try map(descriptor, header.fileBytes)
            let segment = JournalSegment(path: path, header: header, base: base, flush: flush)
            segment.populateAhead()
            guard rename(unfinished, path) == 0 else { throw SystemError("rename") }
            try sync()
            return segment
        } catch {
            unlink(unfinished)
            unlink(path)
            throw error
        }
    }

    private func fill(_ descriptor: CInt, _ header: SegmentHeader) throws(SystemError) {
        var code = EINTR
        while code == EINTR { code = allocate(descriptor, header.fileBytes) }
        guard code == 0 else { throw SystemError("posix_fallocate", code: code) }
        try zero(descriptor, header.fileBytes)
        let bytes = header.encoded()
        guard pwrite(descriptor, bytes, bytes.count, 0) == bytes.count else { throw SystemError("pwrite") }
        guard fsync(descriptor) == 0 else { throw SystemError("fsync") }
    }

    /// Space that is only reserved is converted when it is first written: each sync would then write the file system's
    /// own journal too, which took 9 µs of CPU for each request.
    private func zero(_ descriptor: CInt, _ count: Int) throws(SystemError) {
        let zeros = [UInt8](repeating: 0, count: min(count, 256 << 10))
        var offset = 0
        while offset < count {
            let written = pwrite(descriptor, zeros, min(zeros.count, count - offset), off_t(offset))
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw SystemError("pwrite") }
            offset += written
        }
    }

    private func map(_ descriptor: CInt, _ bytes: Int) throws(SystemError) -> UnsafeMutableRawPointer {
        guard let base = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), base != MAP_FAILED
        else { throw SystemError("mmap") }
        return base
    }

    /// Writes the folder's names to the disk.
    func sync() throws(SystemError) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError("open") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw SystemError("fsync") }
    }

    /// The names of the files with `suffix`, sorted.
    func names(suffix: String) throws(SystemError) -> [String] {
        guard let folder = opendir(path) else { throw SystemError("opendir") }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(suffix) { names.append(name) }
        }
        return names.sorted()
    }

    func remove(_ path: String) throws(SystemError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw SystemError("unlink") }
    }

    /// Moves a file to a folder below this one, which is created.
    func move(_ name: String, to subfolder: String) throws(SystemError) {
        guard mkdir("\(path)/\(subfolder)", 0o700) == 0 || errno == EEXIST else { throw SystemError("mkdir") }
        guard rename("\(path)/\(name)", "\(path)/\(subfolder)/\(name)") == 0 else { throw SystemError("rename") }
        try sync()
    }
}
