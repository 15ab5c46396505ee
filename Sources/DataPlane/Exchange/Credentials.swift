import GatewayCore
import NIOHTTP1

/// Finds the key in a request's headers (docs/api.md, Keys).
///
/// Messages say which headers had what kind of value, never a value: it may be the key of another service.
struct Credentials {
    let token: APIKeyToken
    /// The header that had it, for messages.
    let header: String

    /// A header with a credential.
    private struct Found {
        enum Kind {
            /// `text` is what may be a key.
            case key
            /// `Authorization` with another scheme than `Bearer`.
            case otherScheme
        }

        let header: String
        let text: Substring
        let kind: Kind

        var isGatewayKey: Bool { kind == .key && text.utf8.starts(with: APIKeyToken.prefix.utf8) }

        var description: String {
            switch kind {
            case .otherScheme: "`\(header)` does not have the scheme `Bearer`"
            case .key where text.isEmpty: "`\(header)` is empty"
            case .key where isGatewayKey:
                "`\(header)` begins with `gwk_` but does not have the form `gwk_<id>.<secret>`"
            case .key: "`\(header)` does not begin with `gwk_`"
            }
        }
    }

    private static let advice =
        "Send a gateway key as `Authorization: Bearer gwk_<id>.<secret>`, or in `x-api-key` or `api-key`."

    /// Several headers may carry the same key. Where they differ and exactly one has a key of the gateway, that is the
    /// one that is meant: many clients also send a key of another service that their environment happens to have.
    /// - Throws: `missing_api_key` if there is none, `invalid_api_key` if it is malformed or two keys differ.
    init(_ headers: HTTPHeaders) throws(GatewayError) {
        var first: Found?
        for (name, value) in headers {
            guard let found = Self.found(name, value), found.isGatewayKey else { continue }
            if let first, found.text != first.text { throw Self.differing(first, found) }
            first = first ?? found
        }
        guard let first, let token = APIKeyToken(first.text) else { throw Self.noKey(in: headers) }
        self.token = token
        header = first.header
    }

    /// The error of an unknown key and of a wrong secret: the same for both.
    static func unknown(in header: String) -> GatewayError {
        .client(
            .invalidAPIKey,
            "The API key in `\(header)` is not valid: the gateway has no such key, or its secret is another.")
    }

    /// The credential in a header; nil for any other header.
    private static func found(_ name: String, _ value: String) -> Found? {
        switch name.utf8.count {
        case 13 where name.isSameIgnoringCase("authorization"): authorization(value)
        case 9 where name.isSameIgnoringCase("x-api-key"): Found(header: "x-api-key", text: value[...], kind: .key)
        case 7 where name.isSameIgnoringCase("api-key"): Found(header: "api-key", text: value[...], kind: .key)
        default: nil
        }
    }

    /// The scheme ignores case (RFC 9110, section 11.1).
    private static func authorization(_ value: String) -> Found {
        let bytes = value.utf8
        let end = bytes.firstIndex(of: UInt8(ascii: " ")) ?? bytes.endIndex
        guard value[..<end].isSameIgnoringCase("bearer") else {
            return Found(header: "Authorization", text: value[...], kind: value.isEmpty ? .key : .otherScheme)
        }
        let text = Substring(bytes[end...].drop { $0 == UInt8(ascii: " ") })
        return Found(header: "Authorization", text: text, kind: .key)
    }

    private static func differing(_ first: Found, _ other: Found) -> GatewayError {
        let places =
            other.header == first.header
            ? "`\(first.header)` was sent twice, with" : "`\(first.header)` and `\(other.header)` have"
        return .client(.invalidAPIKey, "\(places) different gateway keys; send one of them.")
    }

    private static func noKey(in headers: HTTPHeaders) -> GatewayError {
        let found = headers.compactMap { Self.found($0.name, $0.value) }
        guard !found.isEmpty else {
            return .client(
                .missingAPIKey,
                "No API key was sent: there is no header `Authorization`, `x-api-key` or `api-key`. \(advice)")
        }
        let descriptions = found.prefix(4).map(\.description).joined(separator: "; ")
        return .client(.invalidAPIKey, "The API key is not valid: \(descriptions). \(advice)")
    }
}
