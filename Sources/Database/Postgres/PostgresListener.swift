import CLibPQ
import Dispatch
import Foundation
import Glibc
import Synchronization

/// A connection that does nothing but hear what other processes announce. It blocks a thread of its own, and is made
/// again when it is lost.
final class PostgresListener: Sendable {
    private static let pollMilliseconds: Int32 = 500
    private static let secondsBetweenAttempts = 1.0
    /// A pooler may be taken away, but not often.
    private static let attemptsSkippedBehindPooler = 60

    private let url: PostgresURL
    private let options: PostgresOptions
    private let announcement: Announcement
    private let isStopped = Atomic(false)

    init(_ url: PostgresURL, _ options: PostgresOptions, _ announcement: Announcement) {
        self.url = url
        self.options = options
        self.announcement = announcement
    }

    /// An element for each time that something was announced, or may have been while the listener was not connected.
    func announcements() -> AsyncStream<Void> {
        // Behind a pooler no connection hears; those who poll notice, if later.
        guard options.pooling != .always else { return AsyncStream { _ in } }
        return AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            continuation.onTermination = { _ in self.isStopped.store(true, ordering: .relaxed) }
            DispatchQueue(label: "postgres listener").async {
                var skipped = 0
                while !self.isStopped.load(ordering: .relaxed) {
                    skipped = skipped > 0 ? skipped - 1 : self.listen { continuation.yield() }
                    // The poller reports that the server is unreachable; the listener only waits for it.
                    Thread.sleep(forTimeInterval: Self.secondsBetweenAttempts)
                }
            }
        }
    }

    /// Hears until the connection is lost or no consumer wants announcements any more. Returns how many attempts to
    /// skip.
    private func listen(_ heard: () -> Void) -> Int {
        guard let link = try? LibPQConnection(url, options), (try? link.detectPooler()) != nil else { return 0 }
        guard !link.isPooled else { return Self.attemptsSkippedBehindPooler }
        guard (try? link.runScript("LISTEN \(announcement.rawValue)")) != nil else { return 0 }
        heard()
        while !isStopped.load(ordering: .relaxed) {
            switch link.hear(within: Self.pollMilliseconds) {
            case .nothing: continue
            case .something: heard()
            case .connectionLost: return 0
            }
        }
        return 0
    }
}

extension LibPQConnection {
    enum Heard {
        case nothing, something, connectionLost
    }

    /// Waits for announcements, and takes all that have come in.
    func hear(within milliseconds: Int32) -> Heard {
        var descriptor = pollfd(fd: PQsocket(connection), events: Int16(POLLIN), revents: 0)
        guard poll(&descriptor, 1, milliseconds) != 0 else { return .nothing }
        guard PQconsumeInput(connection) == 1, isConnected else { return .connectionLost }
        var heard = Heard.nothing
        while let notification = PQnotifies(connection) {
            heard = .something
            PQfreemem(notification)
        }
        return heard
    }
}
