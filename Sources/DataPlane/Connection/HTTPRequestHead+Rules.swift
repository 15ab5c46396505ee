import Egress
import GatewayCore
import NIOHTTP1

/// The rules of HTTP/1.1 for the head of a request that the decoder leaves to the server.
extension HTTPRequestHead {
    /// Brings the head into the form that everything after this expects: values without white space around them, and
    /// the target in origin form.
    /// - Returns: why the request is refused; nil if it obeys the rules.
    mutating func normalize() -> GatewayError? {
        headers.trimValues()
        takeAuthority()
        return hostFault ?? transferCodingFault
    }

    /// RFC 9112, section 3.2.2: a server accepts the absolute form, and reads the host from there.
    private mutating func takeAuthority() {
        guard let scheme = ["http://", "https://"].first(where: { uri.startsIgnoringCase(with: $0) }) else { return }
        let rest = uri.utf8.dropFirst(scheme.utf8.count)
        let end = rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? rest.endIndex
        let authority = rest[..<end]
        // Credentials in a URL are deprecated, and never the gateway's (RFC 9110, section 4.2.4).
        let host =
            authority.lastIndex(of: UInt8(ascii: "@")).map { authority[authority.index(after: $0)...] } ?? authority
        if headers[canonicalForm: "host"].count == 1 {
            headers.replaceOrAdd(name: "host", value: String(Substring(host)))
        }
        let target = String(Substring(rest[end...]))
        uri = target.utf8.first == UInt8(ascii: "/") ? target : "/" + target
    }

    /// RFC 9112, section 3.2: exactly one in HTTP/1.1.
    private var hostFault: GatewayError? {
        let count = headers.count { $0.name.isSameIgnoringCase("host") }
        guard count > 1 || (count == 0 && version.minor > 0) else { return nil }
        return .client(
            .invalidRequest,
            count == 0 ? "HTTP/1.1 requires the header `Host`." : "The header `Host` was sent more than once.",
            param: "host")
    }

    /// RFC 9112, section 6.1: the gateway understands `chunked` only, and the coding does not exist in HTTP/1.0.
    private var transferCodingFault: GatewayError? {
        guard headers.contains(name: "transfer-encoding") else { return nil }
        guard version.minor > 0 else {
            return .client(.invalidRequest, "HTTP/1.0 has no `Transfer-Encoding`.", param: "transfer-encoding")
        }
        let codings = headers[canonicalForm: "transfer-encoding"]
        guard codings.allSatisfy({ $0.isSameIgnoringCase("chunked") }) else {
            return .client(
                .notImplemented,
                "The only `Transfer-Encoding` that is understood is `chunked`. Compress with `Content-Encoding` instead.",
                param: "transfer-encoding")
        }
        guard codings.count == 1 else {
            return .client(.invalidRequest, "`chunked` occurs twice.", param: "transfer-encoding")
        }
        return nil
    }
}
