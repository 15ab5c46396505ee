/// The base address of an HTTP service. It has no user info, query or fragment, which would put secrets into logs, or
/// into every request.
public struct HTTPAddress: Sendable, Hashable, CustomStringConvertible {
    /// How the service is reached.
    public enum Scheme: String, Sendable {
        case http, https
    }

    /// The scheme, with or without TLS.
    public let scheme: Scheme
    /// Lower case, without the brackets of an IPv6 address.
    public let host: String
    /// The written port, or the scheme's default.
    public let port: Int
    /// Empty, or starts with a slash and does not end with one: `/v1`.
    public let pathPrefix: String

    /// Reads an `http` or `https` address; nil for anything else.
    init?(_ text: String) {
        guard let separator = text.firstRange(of: "://") else { return nil }
        guard let scheme = Scheme(rawValue: text[..<separator.lowerBound].lowercased()) else { return nil }
        let rest = text[separator.upperBound...]
        guard rest.utf8.allSatisfy({ $0.isVisibleASCII && !"?#@\\\"<>`{}|^".utf8.contains($0) }) else { return nil }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        guard let (host, port) = Self.authority(rest[..<slash], standardPort: scheme == .https ? 443 : 80) else {
            return nil
        }
        var path = rest[slash...]
        while path.last == "/" { path.removeLast() }
        self.scheme = scheme
        self.host = host.lowercased()
        self.port = port
        pathPrefix = String(path)
    }

    private static func authority(_ text: Substring, standardPort: Int) -> (String, Int)? {
        if let host = Host(String(text)) { return (host.name, standardPort) }
        guard let colon = text.lastIndex(of: ":"), let host = Host(String(text[..<colon])) else { return nil }
        guard let port = UInt16(text[text.index(after: colon)...]), port > 0 else { return nil }
        return (host.name, Int(port))
    }

    /// The address as text, without the scheme's default port.
    public var description: String {
        let name = host.contains(":") ? "[\(host)]" : host
        let isStandard = port == (scheme == .https ? 443 : 80)
        return "\(scheme.rawValue)://\(name)\(isStandard ? "" : ":\(port)")\(pathPrefix)"
    }
}

extension ScalarKind where Value == HTTPAddress {
    static var httpAddress: ScalarKind {
        .string(
            "an http or https address such as \"https://api.example.com/v1\", without user info, query or fragment",
            show: \.description, read: HTTPAddress.init)
    }
}

extension HTTPAddress {
    /// The public source of the price catalogue.
    public static let priceCatalog = HTTPAddress(scheme: .https, host: "models.dev", port: 443, pathPrefix: "/api.json")
    /// A stand-in for an invalid address, while the rest of the document is read.
    static let standIn = HTTPAddress(scheme: .https, host: "", port: 443, pathPrefix: "")

    private init(scheme: Scheme, host: String, port: Int, pathPrefix: String) {
        self.scheme = scheme
        self.host = host
        self.port = port
        self.pathPrefix = pathPrefix
    }
}
