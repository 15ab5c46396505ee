package import NIOHTTP1

/// The header fields of a relayed message: end-to-end fields pass, hop-by-hop fields do not (RFC 9110, section 7.6.1).
package enum ForwardedHeaders {
    /// Fields that belong to one connection. Trailers are dropped, and with them their announcement.
    private static let hopByHop: Set = [
        "connection", "keep-alive", "proxy-authenticate", "proxy-authentication-info", "proxy-authorization",
        "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
    ]

    /// Fields of a request that the gateway sets itself or answers itself. What a client claims about them is not
    /// passed on.
    private static let ownOfRequest: Set = [
        "content-length", "expect", "forwarded", "host", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto",
        "x-real-ip", "x-request-id",
    ]

    /// The fields of a request to the control plane, without its framing.
    ///
    /// - Parameters:
    ///   - client: the address of the client's end of the connection; nil if it is unknown.
    ///   - isEncrypted: whether the client's connection has TLS.
    package static func request(
        _ headers: HTTPHeaders, client: String?, isEncrypted: Bool, requestID: String
    ) -> HTTPHeaders {
        var forwarded = endToEnd(headers, without: ownOfRequest)
        if let client { forwarded.add(name: "x-forwarded-for", value: client) }
        forwarded.add(name: "x-forwarded-proto", value: isEncrypted ? "https" : "http")
        if let host = headers.first(name: "host") { forwarded.add(name: "x-forwarded-host", value: host) }
        forwarded.add(name: "x-request-id", value: requestID)
        return forwarded
    }

    /// The fields of a response to the client.
    package static func response(_ headers: HTTPHeaders, requestID: String) -> HTTPHeaders {
        // RFC 9112, section 6.3: a transfer coding overrides a length.
        let isCoded = headers.contains(name: "transfer-encoding")
        var forwarded = endToEnd(headers, without: isCoded ? ["content-length"] : [])
        if !forwarded.contains(name: "x-request-id") { forwarded.add(name: "x-request-id", value: requestID) }
        return forwarded
    }

    private static func endToEnd(_ headers: HTTPHeaders, without own: Set<String>) -> HTTPHeaders {
        let listed = Set(headers[canonicalForm: "connection"].map { $0.lowercased() })
        var forwarded = HTTPHeaders()
        forwarded.reserveCapacity(headers.count + 4)
        for (name, value) in headers {
            let key = name.lowercased()
            guard !hopByHop.contains(key), !own.contains(key), !listed.contains(key) else { continue }
            forwarded.add(name: name, value: value)
        }
        return forwarded
    }
}
