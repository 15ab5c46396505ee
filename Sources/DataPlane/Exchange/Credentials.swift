import GatewayCore
import NIOHTTP1

/// Finds the key in a request's headers (docs/api.md, Authentication).
enum Credentials {
    /// - Throws: `missing_api_key` if there is none, `invalid_api_key` if it is malformed or two headers disagree.
    static func token(in headers: HTTPHeaders) throws(GatewayError) -> APIKeyToken {
        let bearer = try single("authorization", in: headers).map(bearerToken)
        let key = try single("x-api-key", in: headers)
        if let bearer, let key, bearer != key {
            throw .client(.invalidAPIKey, "`Authorization` and `x-api-key` carry different keys; send one of them.")
        }
        guard let text = bearer ?? key else {
            throw .client(
                .missingAPIKey, "No API key was sent. Send it as `Authorization: Bearer gwk_<id>.<secret>`.")
        }
        guard let token = APIKeyToken(text) else { throw KeyVerifier.invalid }
        return token
    }

    private static func single(_ name: String, in headers: HTTPHeaders) throws(GatewayError) -> String? {
        var found: String?
        for (header, value) in headers where header.isSameIgnoringCase(name) {
            guard found == nil else { throw .client(.invalidAPIKey, "The header `\(name)` was sent more than once.") }
            found = value
        }
        return found
    }

    /// The token after the scheme, which ignores case (RFC 9110, section 11.1).
    private static func bearerToken(_ value: String) -> String {
        let bytes = value.utf8
        guard let space = bytes.firstIndex(of: UInt8(ascii: " ")), value[..<space].isSameIgnoringCase("bearer") else {
            return ""
        }
        return String(Substring(bytes[space...].drop { $0 == UInt8(ascii: " ") }))
    }
}
