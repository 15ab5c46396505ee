import Glibc
import NIOCore

/// The process at the other end of a Unix-domain socket, as the kernel reports it (`struct ucred` of unix(7)).
struct PeerCredentials: Sendable {
    let process: pid_t
    let user: uid_t
    let group: gid_t

    /// The file's mode already excludes other users; this check also works where the mode was changed or is ignored.
    var mayControl: Bool { user == 0 || user == geteuid() }

    /// Asks the kernel for the peer of `channel`.
    static func of(_ channel: any Channel) -> EventLoopFuture<PeerCredentials> {
        guard let provider = channel as? any SocketOptionProvider else {
            return channel.eventLoop.makeFailedFuture(ChannelError.operationUnsupported)
        }
        return provider.unsafeGetSocketOption(level: .socket, name: NIOBSDSocket.Option(rawValue: SO_PEERCRED))
    }
}
