import Glibc

/// A path as the kernel's address of a Unix-domain socket.
struct UnixSocketAddress {
    private var address = sockaddr_un()

    /// The longest path in bytes. Linux allows 107 (unix(7)), macOS 103; NIO uses the smaller limit everywhere.
    static let maxPathBytes = 103

    init(path: String) throws(ControlSocketError) {
        guard path.utf8.count <= Self.maxPathBytes else {
            throw .pathTooLong(path: path, limit: Self.maxPathBytes)
        }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    }

    /// Calls `body` with the address, for a system call.
    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        withUnsafeBytes(of: address) { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { addresses in
                guard let base = addresses.baseAddress else { preconditionFailure("a sockaddr_un has bytes") }
                return body(base, socklen_t(bytes.count))
            }
        }
    }
}
