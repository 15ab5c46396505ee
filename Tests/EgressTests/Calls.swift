import Egress
import GatewayCore
import GatewayTestSupport
import NIOCore
import NIOHTTP1
import NIOPosix

/// A pool on a loop, as tests see it.
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

    /// A pool lasts as long as its loop does, which here is as long as the process.
    private static let lasting = Watched<[TestPool]>([])

    /// Sends a request; with `change`, the call is told that before the loop does anything else.
    func send(
        _ request: UpstreamRequest, change: @escaping @Sendable (any UpstreamCall) -> Void = { _ in }
    ) async throws -> TestCall {
        let heard = Watched(Heard())
        let call = try await eventLoop.submit {
            let call = pool.value.send(request, receiver: Listener(heard))
            change(call)
            return NIOLoopBound(call, eventLoop: eventLoop)
        }.get()
        return TestCall(heard: heard, call: call)
    }

    func on(_ work: @escaping @Sendable (UpstreamPool) -> Void) async throws {
        try await eventLoop.submit { work(pool.value) }.get()
    }
}

/// Lends a pool, and closes what it keeps afterwards.
@discardableResult
func withPool<Result: Sendable>(_ body: (TestPool) async throws -> Result) async throws -> Result {
    let pool = try await TestPool.make()
    let result: Swift.Result<Result, any Error>
    do { result = .success(try await body(pool)) } catch { result = .failure(error) }
    try await pool.on { $0.closeAll() }
    return try result.get()
}

/// What a receiver has heard.
struct Heard: Sendable {
    var status: Int?
    var headers = HTTPHeaders()
    var body: [UInt8] = []
    var isEnded = false
    var failure: UpstreamFailure?
    /// Everything but parts, in its order.
    var events: [String] = []

    var isOver: Bool { isEnded || failure != nil }
    var text: String { String(decoding: body, as: UTF8.self) }
}

/// A call under way.
struct TestCall: Sendable {
    let heard: Watched<Heard>
    fileprivate let call: NIOLoopBound<any UpstreamCall>

    init(heard: Watched<Heard>, call: NIOLoopBound<any UpstreamCall>) {
        self.heard = heard
        self.call = call
    }

    /// Waits for the last word.
    @discardableResult
    func end(within timeout: Duration = .seconds(10)) async throws -> Heard {
        try await heard.wait(for: "end of the call", within: timeout) { $0.isOver ? $0 : nil }
    }

    /// Waits for the call to fail.
    func failure(within timeout: Duration = .seconds(10)) async throws -> UpstreamFailure {
        let heard = try await end(within: timeout)
        guard let failure = heard.failure else { throw Unexpected(description: "the call went well: \(heard.events)") }
        return failure
    }

    func head() async throws {
        try await heard.wait(for: "head", within: .seconds(10)) { $0.status == nil ? nil : () }
    }

    func body(atLeast count: Int) async throws {
        try await heard.wait(for: "\(count) bytes", within: .seconds(10)) { $0.body.count >= count ? () : nil }
    }

    func on(_ work: @escaping @Sendable (any UpstreamCall) -> Void) async throws {
        try await call.eventLoop.submit { work(call.value) }.get()
    }
}

struct Unexpected: Error, CustomStringConvertible {
    let description: String
}

final class Listener: UpstreamReceiver {
    private let heard: Watched<Heard>

    init(_ heard: Watched<Heard>) {
        self.heard = heard
    }

    func upstreamHead(_ head: HTTPResponseHead) {
        heard.update { heard in
            heard.status = Int(head.status.code)
            heard.headers = head.headers
            heard.events.append("head")
        }
    }

    func upstreamPart(_ part: ByteBuffer) {
        heard.update { $0.body.append(contentsOf: part.readableBytesView) }
    }

    func upstreamReadComplete() {}

    func upstreamEnd() {
        heard.update { heard in
            heard.isEnded = true
            heard.events.append("end")
        }
    }

    func upstreamFailed(_ failure: UpstreamFailure) {
        heard.update { heard in
            heard.failure = failure
            heard.events.append("failed")
        }
    }
}

extension UpstreamRequest {
    /// A request to a port on loopback.
    static func to(
        port: Int, host: String = "127.0.0.1", tls: UpstreamTLS? = nil, credential: BoundCredential? = nil,
        body: [ByteBuffer] = [ByteBuffer(string: "{}")], connectTimeout: TimeAmount = .seconds(5)
    ) -> UpstreamRequest {
        UpstreamRequest(
            origin: UpstreamOrigin(host: host, port: port, tls: tls), path: "/v1/chat/completions?a=b",
            headers: ["content-type": "application/json"], credential: credential, body: body,
            connectTimeout: connectTimeout)
    }
}
