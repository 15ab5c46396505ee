public import Egress
public import GatewayCore
public import NIOCore
import Synchronization

/// A credential that expires, such as an access token: fetched when it is first needed, once for all who wait for it,
/// and again before it expires, while the previous one is still in use. It is kept in memory only.
public final class RefreshedCredential: CredentialSource {
    /// A credential with the time for which it can be used.
    public struct Fetched: Sendable {
        public let credential: BoundCredential
        /// From when on it is to be replaced.
        public let refreshAt: NIODeadline
        /// From when on it is not to be used.
        public let expiresAt: NIODeadline

        public init(_ credential: BoundCredential, refreshAt: NIODeadline, expiresAt: NIODeadline) {
            self.credential = credential
            self.refreshAt = refreshAt
            self.expiresAt = expiresAt
        }
    }

    private typealias Refresh = Task<Result<Fetched, GatewayError>, Never>

    private struct State {
        var fetched: Fetched?
        var refresh: Refresh?
        /// After a refresh that failed while the previous credential could still be used.
        var retryAt = NIODeadline.uptimeNanoseconds(0)
    }

    private let state = Mutex(State())
    private let fetch: @Sendable () async throws(GatewayError) -> Fetched
    private let retryDelay: TimeAmount
    private let now: @Sendable () -> NIODeadline

    /// - Parameters:
    ///   - retryDelay: between attempts to replace a credential that can still be used.
    ///   - now: the clock.
    ///   - fetch: fetches a credential, in bounded time; never called while a call is under way.
    public init(
        retryDelay: TimeAmount = .seconds(5), now: @escaping @Sendable () -> NIODeadline = { .now() },
        fetch: @escaping @Sendable () async throws(GatewayError) -> Fetched
    ) {
        self.retryDelay = retryDelay
        self.now = now
        self.fetch = fetch
    }

    public func current() -> CredentialState {
        let now = now()
        return state.withLock { state in
            guard let fetched = state.fetched, now < fetched.expiresAt else { return .pending }
            if now >= fetched.refreshAt, now >= state.retryAt { _ = beginRefresh(&state) }
            return .ready(fetched.credential)
        }
    }

    public func refreshed() async throws(GatewayError) -> BoundCredential? {
        let now = now()
        let (arrived, refresh) = state.withLock { state -> (Fetched?, Refresh?) in
            // It may have arrived since the caller looked.
            if let fetched = state.fetched, now < fetched.expiresAt { return (fetched, nil) }
            return (nil, beginRefresh(&state))
        }
        return try await refresh?.value.get().credential ?? arrived?.credential
    }

    /// The refresh under way, which is begun if there is none.
    private func beginRefresh(_ state: inout State) -> Refresh {
        if let refresh = state.refresh { return refresh }
        let refresh = Refresh { [self] in  // reason: belongs to all who wait for it, and outlives each of them
            let result: Result<Fetched, GatewayError>
            do throws(GatewayError) {
                result = .success(try await fetch())
            } catch {
                result = .failure(error)
            }
            end(result)
            return result
        }
        state.refresh = refresh
        return refresh
    }

    private func end(_ result: Result<Fetched, GatewayError>) {
        let now = now()
        state.withLock { state in
            state.refresh = nil
            switch result {
            case .success(let fetched): state.fetched = fetched
            case .failure: state.retryAt = now + retryDelay
            }
        }
    }
}
