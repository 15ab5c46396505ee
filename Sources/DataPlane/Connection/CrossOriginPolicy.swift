import GatewayCore
import NIOHTTP1

/// Which web pages may call the gateway from a browser (Fetch Standard, CORS protocol). Keys travel in headers, so no
/// answer allows cookies.
public struct CrossOriginPolicy: Sendable, Hashable {
    /// No page: what browsers do without any of these headers.
    public static let none = CrossOriginPolicy([])

    private static let exposed =
        "x-request-id, x-gateway-request-id, x-gateway-provider, x-gateway-route, x-gateway-attempts, retry-after, "
        + "x-should-retry, etag"
    /// How long a browser may remember a preflight, in seconds.
    private static let maxAge = "7200"
    private static let maxRequestedHeaders = 4096

    private let origins: Set<String>
    private let allowsAny: Bool

    /// - Parameter origins: such as `https://app.example.com`, or `*` for any.
    public init(_ origins: [String]) {
        self.origins = Set(origins)
        allowsAny = origins.contains("*")
    }

    /// Whether the request comes from a page that may call.
    func allows(_ head: HTTPRequestHead) -> Bool {
        allowedOrigin(head) != nil
    }

    /// Adds what lets the page read the answer to `head`.
    func append(to headers: inout HTTPHeaders, for head: HTTPRequestHead) {
        guard !origins.isEmpty else { return }
        // A cache must not give one page the answer to another.
        if !allowsAny { headers.add(name: "vary", value: "origin") }
        guard let origin = allowedOrigin(head) else { return }
        headers.add(name: "access-control-allow-origin", value: origin)
        headers.add(name: "access-control-expose-headers", value: Self.exposed)
    }

    /// The answer to a preflight.
    func preflight(_ head: HTTPRequestHead) -> HTTPHeaders {
        var headers = HTTPHeaders()
        append(to: &headers, for: head)
        headers.add(name: "access-control-allow-methods", value: "GET, HEAD, POST")
        // Any header: SDKs send a dozen of their own. Only names are echoed.
        if let requested = head.headers.first(name: "access-control-request-headers"),
            requested.utf8.count <= Self.maxRequestedHeaders, requested.utf8.allSatisfy(Self.isOfNames)
        {
            headers.add(name: "access-control-allow-headers", value: requested)
        }
        headers.add(name: "access-control-max-age", value: Self.maxAge)
        return headers
    }

    private func allowedOrigin(_ head: HTTPRequestHead) -> String? {
        guard !origins.isEmpty, let origin = head.headers.first(name: "origin") else { return nil }
        if allowsAny { return "*" }
        return origins.contains(origin) ? origin : nil
    }

    private static func isOfNames(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ","),
            UInt8(ascii: " "):
            true
        default: false
        }
    }
}
