import Foundation
import GatewayCore
import Glibc
import Synchronization

/// A PostgreSQL server that accepts every login and then does not answer, like one that hangs.
final class SilentServer: Sendable {
    struct Failure: Error { let errno: Int32 }

    /// "You are in" and "ready for a query"
    /// (https://www.postgresql.org/docs/15/protocol-message-formats.html).
    private static let welcome: [UInt8] = [0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5A, 0, 0, 0, 5, 0x49]

    private static let patience = 20.0

    private let listener: Int32
    private let port: UInt16
    private let count = Mutex(0)

    /// The number of accepted logins.
    var welcomed: Int { count.withLock(\.self) }

    /// - Parameter welcomes: whether it answers the login.
    init(welcomes: Bool = true) throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                guard bind(descriptor, $0, length) == 0, listen(descriptor, 16) == 0 else { return Int32(-1) }
                return getsockname(descriptor, $0, &length)
            }
        }
        guard result == 0 else { throw Failure(errno: errno) }
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread { [weak self] in
            Self.welcomeEverybody(descriptor, welcomes) { self?.count.withLock { $0 += 1 } }
        }
    }

    /// Ends the waiting for callers.
    deinit {
        _ = shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    var url: Secret { Secret("postgres://127.0.0.1:\(port)/gateway?sslmode=disable&gssencmode=disable&user=ann") }

    private static func welcomeEverybody(_ listener: Int32, _ welcomes: Bool, note: () -> Void) {
        while true {
            let caller = accept(listener, nil, nil)
            guard caller >= 0 else { return }
            var first = [UInt8](repeating: 0, count: 1024)
            guard recv(caller, &first, first.count, 0) > 0 else { continue }
            if welcomes { _ = send(caller, welcome, welcome.count, Int32(MSG_NOSIGNAL)) }
            note()
            Thread.detachNewThread { keepSilent(caller) }
        }
    }

    /// With a limit, so that a test that waits too long fails and does not hang.
    private static func keepSilent(_ caller: Int32) {
        Thread.sleep(forTimeInterval: patience)
        close(caller)
    }
}
