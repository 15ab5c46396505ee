import Glibc
import Synchronization

/// A listening Unix-domain socket and its file, which is removed with this value.
final class ControlSocketFile: Sendable {
    let path: String
    private let identity: Identity
    /// Nil once the caller of `takeDescriptor()` has to close it.
    private let descriptor: Mutex<CInt?>

    /// Creates the socket and listens: from here on a client can connect, but gets no reply yet.
    ///
    /// The file is readable and writable by its owner only from the moment it exists. The socket of a dead process is
    /// replaced; a live one, and any file that is not a socket, is not changed.
    init(path: String) throws(ControlSocketError) {
        let address = try UnixSocketAddress(path: path)
        let folder = try Self.lockFolder(of: path)
        defer { close(folder) }
        try Self.removeStale(path, address)
        let descriptor = try Self.makeSocket(path)
        do {
            // Linux creates the file with the mode of the socket, so other users can never connect (unix(7)).
            try Self.check(fchmod(descriptor, 0o600), path)
            try Self.check(address.withPointer { bind(descriptor, $0, $1) }, path)
            try Self.check(listen(descriptor, 128), path)
        } catch {
            close(descriptor)
            throw error
        }
        self.path = path
        self.descriptor = Mutex(descriptor)
        identity = Identity(path: path) ?? Identity()
    }

    deinit {
        descriptor.withLock { descriptor in
            if let descriptor { close(descriptor) }
        }
        remove()
    }

    /// The listening descriptor, which the caller must close; nil if it was taken before.
    func takeDescriptor() -> CInt? {
        descriptor.withLock { descriptor in
            defer { descriptor = nil }
            return descriptor
        }
    }

    /// Removes the file, unless another gateway has replaced it meanwhile.
    func remove() {
        guard Identity(path: path) == identity else { return }
        unlink(path)
    }

    /// Two gateways that start at once would each remove the other's socket as stale, so one waits for the other. The
    /// lock ends with the descriptor, and leaves no file.
    private static func lockFolder(of path: String) throws(ControlSocketError) -> CInt {
        let end = path.lastIndex(of: "/")
        let folder = end.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        try check(descriptor, path)
        do {
            try lock(descriptor, path)
        } catch {
            close(descriptor)
            throw error
        }
        return descriptor
    }

    /// Another gateway holds the lock for a moment only; any other program may hold it for ever.
    private static func lock(_ folder: CInt, _ path: String) throws(ControlSocketError) {
        let end = ContinuousClock.now + .seconds(5)
        while flock(folder, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else { return try check(-1, path) }
            guard ContinuousClock.now < end else {
                throw .failed(path: path, reason: "another program has locked the folder (flock)")
            }
            usleep(50_000)
        }
    }

    private static func removeStale(_ path: String, _ address: UnixSocketAddress) throws(ControlSocketError) {
        guard let found = Identity(path: path) else { return }
        guard found.isSocket else { throw .notASocket(path: path) }
        let probe = try makeSocket(path)
        defer { close(probe) }
        let connected = address.withPointer { connect(probe, $0, $1) }
        // Only a refusal proves that no process listens; EAGAIN, for example, means that the listener's queue is full.
        guard connected != 0, errno == ECONNREFUSED else { throw .alreadyInUse(path: path) }
        try check(unlink(path), path)
    }

    private static func makeSocket(_ path: String) throws(ControlSocketError) -> CInt {
        let kind = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        let descriptor = socket(AF_UNIX, CInt(bitPattern: kind), 0)
        try check(descriptor, path)
        return descriptor
    }

    private static func check(_ result: CInt, _ path: String) throws(ControlSocketError) {
        guard result < 0 else { return }
        throw .failed(path: path, reason: String(cString: strerror(errno)))
    }
}

/// The identity of the file at a path.
private struct Identity: Equatable {
    private(set) var device: dev_t = 0
    private(set) var inode: ino_t = 0
    private(set) var isSocket = false

    init() {}

    /// Nil if the path does not exist. Symbolic links are not followed.
    init?(path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        device = status.st_dev
        inode = status.st_ino
        isSocket = status.st_mode & S_IFMT == S_IFSOCK
    }
}
