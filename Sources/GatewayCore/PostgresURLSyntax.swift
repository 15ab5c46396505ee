/// The form that a PostgreSQL URL must have
/// (https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-CONNSTRING).
///
/// It is stricter than libpq, which takes the rest of a password with an unencoded `@` or `/` for a host, a port or a
/// database, and so into its messages. Whatever passes has its password where libpq finds one.
public enum PostgresURLSyntax {
    /// Completes "the value must …"; it quotes nothing of the URL.
    public static let rule =
        "be postgres://user:password@host:port/database?parameters, in which the special characters of the user name and "
        + "the password are percent-encoded: / as %2F, @ as %40, : as %3A, ? as %3F, # as %23, % as %25, a blank as %20"

    private static let schemes = ["postgres://", "postgresql://"]

    /// Whether `url` begins as a PostgreSQL URL does.
    public static func hasScheme(_ url: Secret) -> Bool {
        schemes.contains(where: url.reveal().hasPrefix)
    }

    /// Whether `url` has the form of `rule`. Parameters may still have names that libpq does not know.
    public static func accepts(_ url: Secret) -> Bool {
        let text = url.reveal()
        guard let scheme = schemes.first(where: text.hasPrefix) else { return false }
        let rest = text.utf8.dropFirst(scheme.utf8.count)
        guard rest.allSatisfy({ $0 > 0x20 && $0 != 0x7F }), hasValidEscapes(rest) else { return false }
        let (address, query) = split(afterUser(rest), at: "?")
        let (hosts, database) = split(address, at: "/")
        return hosts.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).allSatisfy(isHost)
            && database?.contains { $0 == UInt8(ascii: "@") || $0 == UInt8(ascii: "/") } != true
            && (query.map(areParameters) ?? true)
    }

    private typealias Bytes = Substring.UTF8View

    /// As libpq finds it: the user's part ends with the first `@`, unless a `/` comes before it.
    private static func afterUser(_ rest: Bytes) -> Bytes {
        guard let end = rest.firstIndex(where: { $0 == UInt8(ascii: "@") || $0 == UInt8(ascii: "/") }),
            rest[end] == UInt8(ascii: "@")
        else { return rest }
        return rest[rest.index(after: end)...]
    }

    private static func split(_ bytes: Bytes, at separator: Unicode.Scalar) -> (Bytes, Bytes?) {
        guard let index = bytes.firstIndex(of: UInt8(ascii: separator)) else { return (bytes, nil) }
        return (bytes[..<index], bytes[bytes.index(after: index)...])
    }

    /// A name, an address, an IPv6 address in brackets, a socket's folder with `%2F`, or nothing; then perhaps a port.
    private static func isHost(_ bytes: Bytes) -> Bool {
        var rest = bytes
        if rest.first == UInt8(ascii: "[") {
            guard let end = rest.firstIndex(of: UInt8(ascii: "]")) else { return false }
            let address = rest[rest.index(after: rest.startIndex)..<end]
            guard address.allSatisfy({ isNamePart($0) || $0 == UInt8(ascii: ":") }) else { return false }
            rest = rest[rest.index(after: end)...]
        } else {
            rest = rest.drop(while: isNamePart)
        }
        guard let colon = rest.popFirst() else { return true }
        return colon == UInt8(ascii: ":") && rest.allSatisfy(\.isASCIIDigit)
    }

    private static func isNamePart(_ byte: UInt8) -> Bool {
        byte.isASCIILetter || byte.isASCIIDigit || "-._~%".utf8.contains(byte) || byte >= 0x80
    }

    private static func areParameters(_ query: Bytes) -> Bool {
        query.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false).allSatisfy { parameter in
            let (name, value) = split(parameter, at: "=")
            return name.allSatisfy { $0.isASCIILetter || $0 == UInt8(ascii: "_") } && !name.isEmpty
                && value?.contains(UInt8(ascii: "=")) == false
        }
    }

    private static func hasValidEscapes(_ bytes: Bytes) -> Bool {
        var rest = bytes
        while let percent = rest.firstIndex(of: UInt8(ascii: "%")) {
            let digits = rest[rest.index(after: percent)...].prefix(2)
            guard digits.count == 2, digits.allSatisfy(\.isASCIIHexDigit), !digits.elementsEqual("00".utf8) else {
                return false
            }
            rest = rest[digits.endIndex...]
        }
        return true
    }
}

extension UInt8 {
    fileprivate var isASCIIHexDigit: Bool {
        isASCIIDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self | 0x20)
    }
}
