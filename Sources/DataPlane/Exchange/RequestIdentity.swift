import GatewayCore
import NIOHTTP1

/// The identities of a request: the caller's for correlation, the gateway's for accounting.
enum RequestIdentity {
    /// The caller's `x-request-id`, if it is 1 to 128 visible ASCII characters; it is echoed, so other values are
    /// replaced.
    static func correlation(in headers: HTTPHeaders) -> String? {
        guard let id = headers.first(name: "x-request-id") else { return nil }
        let isAcceptable = (1...128).contains(id.utf8.count) && id.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        return isAcceptable ? id : nil
    }
}
