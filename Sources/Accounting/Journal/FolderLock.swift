import Glibc

/// The lock on a journal's folder, which ends with the process. It is on the folder itself, so it leaves no file, and
/// works where nothing can be written.
final class FolderLock: Sendable {
    private let descriptor: CInt

    /// Creates the folder if it is missing, for its owner only.
    init(_ path: String) throws(JournalError) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw .unusable(path: path, reason: SystemError("mkdir").reason)
        }
        descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unusable(path: path, reason: SystemError("open").reason) }
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let error = SystemError("flock")
            if error.code == EINTR { continue }
            // `deinit` closes the descriptor.
            if error.code == EWOULDBLOCK { throw .locked(path: path) }
            throw .unusable(path: path, reason: error.reason)
        }
    }

    deinit {
        close(descriptor)
    }
}
