import Egress
import GatewayCore
import GatewayTestSupport
import NIOCore
import NIOHTTP1
import NIOPosix

/// A pool and the event loop that it belongs to, for use from a test.
struct TestPool: Sendable {
    let eventLoop: any EventLoop
    private let pool: NIOLoopBound<UpstreamPool>

    static func make(resolver: (any Resolver & Sendable)? = nil) async throws -> TestPool {
        let eventLoop = MultiThreadedEventLoopGroup.singleton.any()
        let pool = try await eventLoop.submit {
            NIOLoopBound(UpstreamPool(eventLoop: eventLoop, resolver: resolver), eventLoop: eventLoop)
        }.get()
        let made = TestPool(eventLoop: eventLoop, pool: pool)
        lasting.update { $0.append(made) }
        return made
    }

    /// A pool must last as long as its event loop: here, as long as the process.
    private static let lasting = Watched<[TestPool]>([])

    /// Sends a request. `change` gets the call before the event loop does anything else.
    func send(
        _ request: UpstreamRequest, change: @escaping @Sendable (any UpstreamCall) -> Void = { _ in }
    ) async throws -> TestCall {
        let received = Watched(Received())
        let call = try await eventLoop.submit {
            let call = pool.value.send(request, receiver: RecordingReceiver(received))
            change(call)
            return NIOLoopBound(call, eventLoop: eventLoop)
        }.get()
        return TestCall(received: received, call: call)
    }

    func on(_ work: @escaping @Sendable (UpstreamPool) -> Void) async throws {
        try await eventLoop.submit { work(pool.value) }.get()
    }
}

/// Provides a pool, and closes its idle connections afterwards.
@discardableResult
func withPool<Result: Sendable>(_ body: (TestPool) async throws -> Result) async throws -> Result {
    let pool = try await TestPool.make()
    let result: Swift.Result<Result, any Error>
    do { result = .success(try await body(pool)) } catch { result = .failure(error) }
    try await pool.on { $0.closeAll() }
    return try result.get()
}

/// The events that a receiver got.
struct Received: Sendable {
    var status: Int?
    var headers = HTTPHeaders()
    var body: [UInt8] = []
    var isEnded = false
    var failure: UpstreamFailure?
    /// Head, end and failure, in their order.
    var events: [String] = []
    /// Every report of `upstreamWritabilityChanged`, in their order.
    var writability: [Bool] = []

    var isOver: Bool { isEnded || failure != nil }
    var text: String { String(decoding: body, as: UTF8.self) }
}

/// A call, for use from a test.
struct TestCall: Sendable {
    let received: Watched<Received>
    fileprivate let call: NIOLoopBound<any UpstreamCall>

    init(received: Watched<Received>, call: NIOLoopBound<any UpstreamCall>) {
        self.received = received
        self.call = call
    }

    /// Waits for the end or the failure.
    @discardableResult
    func end(within timeout: Duration = .seconds(10)) async throws -> Received {
        try await received.wait(for: "end of the call", within: timeout) { $0.isOver ? $0 : nil }
    }

    /// Waits for the call to fail.
    func failure(within timeout: Duration = .seconds(10)) async throws -> UpstreamFailure {
        let received = try await end(within: timeout)
        guard let failure = received.failure else {
            throw Unexpected(description: "the call did not fail: \(received.events)")
        }
        return failure
    }

    func head() async throws {
        try await received.wait(for: "head", within: .seconds(10)) { $0.status == nil ? nil : () }
    }

    /// Waits until the upstream takes bytes of a streamed body.
    func writable() async throws {
        try await received.wait(for: "writable upstream", within: .seconds(10)) {
            $0.writability.last == true ? () : nil
        }
    }

    func body(atLeast count: Int) async throws {
        try await received.wait(for: "\(count) bytes", within: .seconds(10)) { $0.body.count >= count ? () : nil }
    }

    func on(_ work: @escaping @Sendable (any UpstreamCall) -> Void) async throws {
        try await call.eventLoop.submit { work(call.value) }.get()
    }
}

struct Unexpected: Error, CustomStringConvertible {
    let description: String
}

final class RecordingReceiver: UpstreamReceiver {
    private let received: Watched<Received>

    init(_ received: Watched<Received>) {
        self.received = received
    }

    func upstreamHead(_ head: HTTPResponseHead) {
        received.update { received in
            received.status = Int(head.status.code)
            received.headers = head.headers
            received.events.append("head")
        }
    }

    func upstreamPart(_ part: ByteBuffer) {
        received.update { $0.body.append(contentsOf: part.readableBytesView) }
    }

    func upstreamReadComplete() {}

    func upstreamEnd() {
        received.update { received in
            received.isEnded = true
            received.events.append("end")
        }
    }

    func upstreamWritabilityChanged(isWritable: Bool) {
        received.update { $0.writability.append(isWritable) }
    }

    func upstreamFailed(_ failure: UpstreamFailure) {
        received.update { received in
            received.failure = failure
            received.events.append("failed")
        }
    }
}

extension UpstreamRequest {
    /// A request to a port on loopback, with a complete body.
    static func to(
        port: Int, host: String = "127.0.0.1", tls: UpstreamTLS? = nil, credential: BoundCredential? = nil,
        body: [ByteBuffer] = [ByteBuffer(string: "{}")], connectTimeout: TimeAmount = .seconds(5)
    ) -> UpstreamRequest {
        UpstreamRequest(
            origin: UpstreamOrigin(host: host, port: port, tls: tls), path: "/v1/chat/completions?a=b",
            headers: ["content-type": "application/json"], credential: credential, body: body,
            connectTimeout: connectTimeout)
    }

    /// A request with any method and any kind of body to a port on loopback.
    static func to(
        port: Int, host: String = "127.0.0.1", tls: UpstreamTLS? = nil, method: HTTPMethod, body: Body,
        connectTimeout: TimeAmount = .seconds(5)
    ) -> UpstreamRequest {
        .to(
            UpstreamOrigin(host: host, port: port, tls: tls), method: method, body: body,
            connectTimeout: connectTimeout)
    }

    static func to(
        _ origin: UpstreamOrigin, method: HTTPMethod = .POST, credential: BoundCredential? = nil,
        body: Body = .slices([ByteBuffer(string: "{}")]), connectTimeout: TimeAmount = .seconds(5)
    ) -> UpstreamRequest {
        UpstreamRequest(
            origin: origin, method: method, path: "/v1/chat/completions?a=b",
            headers: ["content-type": "application/json"], credential: credential, body: body,
            connectTimeout: connectTimeout)
    }
}
