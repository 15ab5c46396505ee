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
        let text: String
        let kind: Kind

        var isGatewayKey: Bool { kind == .key && text.hasPrefix(APIKeyToken.prefix) }

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
        let found = Self.find(in: headers)
        let own = found.filter(\.isGatewayKey)
        guard let first = own.first else { throw Self.noKey(found) }
        if let other = own.first(where: { $0.text != first.text }) {
            let places =
                other.header == first.header
                ? "`\(first.header)` was sent twice, with" : "`\(first.header)` and `\(other.header)` have"
            throw .client(.invalidAPIKey, "\(places) different gateway keys; send one of them.")
        }
        guard let token = APIKeyToken(first.text) else { throw Self.noKey(found) }
        self.token = token
        header = first.header
    }

    /// The error of an unknown key and of a wrong secret: the same for both.
    static func unknown(in header: String) -> GatewayError {
        .client(
            .invalidAPIKey,
            "The API key in `\(header)` is not valid: the gateway has no such key, or its secret is another.")
    }

    private static func find(in headers: HTTPHeaders) -> [Found] {
        var found: [Found] = []
        for (name, value) in headers {
            if name.isSameIgnoringCase("authorization") {
                found.append(authorization(value))
            } else if name.isSameIgnoringCase("x-api-key") {
                found.append(Found(header: "x-api-key", text: value, kind: .key))
            } else if name.isSameIgnoringCase("api-key") {
                found.append(Found(header: "api-key", text: value, kind: .key))
            }
        }
        return found
    }

    /// The scheme ignores case (RFC 9110, section 11.1).
    private static func authorization(_ value: String) -> Found {
        let bytes = value.utf8
        let end = bytes.firstIndex(of: UInt8(ascii: " ")) ?? bytes.endIndex
        guard value[..<end].isSameIgnoringCase("bearer") else {
            return Found(header: "Authorization", text: value, kind: value.isEmpty ? .key : .otherScheme)
        }
        let text = String(Substring(bytes[end...].drop { $0 == UInt8(ascii: " ") }))
        return Found(header: "Authorization", text: text, kind: .key)
    }

    private static func noKey(_ found: [Found]) -> GatewayError {
        guard !found.isEmpty else {
            return .client(
                .missingAPIKey,
                "No API key was sent: there is no header `Authorization`, `x-api-key` or `api-key`. \(advice)")
        }
        let descriptions = found.prefix(4).map(\.description).joined(separator: "; ")
        return .client(.invalidAPIKey, "The API key is not valid: \(descriptions). \(advice)")
    }
}
