import Foundation
import NIOCore

extension Channel {
    /// Closes with a TCP reset: the peer loses the bytes that it has not read.
    func reset() async throws {
        try await (self as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        try await close()
    }
}
