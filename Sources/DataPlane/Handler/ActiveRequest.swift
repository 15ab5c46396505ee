import Egress
import GatewayCore
import NIOCore
import NIOHTTP1
import Providers
import WireFormats

/// The request that a connection is busy with: the state machine, the fact sheet, and what the stages have found so far.
final class ActiveRequest {
    let head: HTTPRequestHead
    let endpoint: Endpoint
    /// A request keeps the snapshot that it began with.
    let snapshot: DataPlaneSnapshot
    let startedAt: NIODeadline
    var machine: ExchangeStateMachine
    var exchange: Exchange

    // 1. Authenticate
    /// Whether the request is counted in the gateway's load.
    var isCounted = false
    var key: KeyRecord?

    // 2. Read
    var body = ByteBuffer()
    var reservedBytes = 0

    // 3. and 4. Resolve and plan
    var api: APIRequest?
    var model: ResolvedModel?
    /// What the request goes on from, if it was found.
    var previous: StoredResponse?
    /// Why the body cannot be taken.
    var scanError: GatewayError?
    var localAnswer = ByteBuffer()

    // 5. Admit
    /// What the request claims once, with its first attempt.
    var claims: [Claim] = []
    /// What was granted and not returned yet.
    var grant = Grant()

    // 6. and 7. Execute and relay
    /// The attempt under way, or the one that answered.
    var attempt: ActiveAttempt?
    /// When the beginning of a stream has been held back long enough, or the wait for the next attempt is over.
    var alarm = NIODeadline.distantFuture

    init(head: HTTPRequestHead, endpoint: Endpoint, loop: LoopContext) {
        self.head = head
        self.endpoint = endpoint
        snapshot = loop.snapshot
        startedAt = .now()
        // A length that does not fit is one that is too large; the decoder has refused those that are no numbers.
        let declared = head.headers.first(name: "content-length").map { Int($0) ?? .max }
        machine = ExchangeStateMachine(
            .init(
                declaredBytes: declared,
                hasBody: declared.map { $0 > 0 } ?? head.headers.contains(name: "transfer-encoding"),
                expectsContinue: head.headers.first(name: "expect")?.isSameIgnoringCase("100-continue") ?? false,
                isKeptAlive: head.isKeepAlive, maxBodyBytes: loop.settings.maxRequestBodyBytes,
                attempts: loop.settings.attempts, repeatsAfterTimeout: loop.settings.repeatsAfterTimeout))
        let now = WallClock.now()
        let id = UUIDv7.make(milliseconds: UInt64(now / 1000), using: &loop.random)
        exchange = Exchange(
            id: id, requestID: RequestIdentity.correlation(in: head.headers) ?? id, receivedAt: now,
            method: head.method.rawValue, path: head.uri.pathPart)
    }

    /// Microseconds since the request was received.
    var elapsed: Int64 {
        (NIODeadline.now() - startedAt).nanoseconds / 1000
    }
}

extension String {
    /// What stands before the query.
    var pathPart: String {
        utf8.firstIndex(of: UInt8(ascii: "?")).map { String(self[..<$0]) } ?? self
    }
}
