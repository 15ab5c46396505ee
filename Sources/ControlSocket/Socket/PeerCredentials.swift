import Glibc
import NIOCore

/// Who is at the other end of a Unix-domain socket, told by the kernel (`struct ucred` of unix(7)).
struct PeerCredentials: Sendable {
    let process: pid_t
    let user: uid_t
    let group: gid_t

    /// The file's mode already keeps others away; this holds too where a mode was loosened or is not honoured.
    var mayControl: Bool { user == 0 || user == geteuid() }

    /// Asks for the peer of `channel`.
    static func of(_ channel: any Channel) -> EventLoopFuture<PeerCredentials> {
        guard let provider = channel as? any SocketOptionProvider else {
            return channel.eventLoop.makeFailedFuture(ChannelError.operationUnsupported)
        }
        return provider.unsafeGetSocketOption(level: .socket, name: NIOBSDSocket.Option(rawValue: SO_PEERCRED))
    }
}
