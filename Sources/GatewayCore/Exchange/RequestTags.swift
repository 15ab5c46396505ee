/// The caller's labels of a request, for reports and logs: `x-gateway-service`, `x-gateway-component`, `x-gateway-env`
/// and `x-gateway-tags` (docs/api.md, Tags).
public struct RequestTags: Sendable, Hashable {
    /// A tag with a key of the caller's choice.
    public struct Tag: Sendable, Hashable {
        public let key: String
        public let value: String

        public init(key: String, value: String) {
            self.key = key
            self.value = value
        }
    }

    public private(set) var service: String?
    public private(set) var component: String?
    public private(set) var env: String?
    /// In the order of the header; keys are unique.
    public private(set) var tags: [Tag] = []

    /// Service, component and env under these keys, and the tags, as reports group by them.
    public var all: [Tag] {
        if service == nil, component == nil, env == nil { return tags }
        let named = [("service", service), ("component", component), ("env", env)]
        return named.compactMap { key, value in value.map { Tag(key: key, value: $0) } } + tags
    }

    /// The maximum number of tags with keys of the caller's choice.
    public static let maxTags = 5

    /// No tags.
    public init() {}

    /// Takes the header `name`, in lower case, if it is one of the four.
    /// - Returns: false for any other header.
    /// - Throws: `invalid_tags`, naming the header and the problem.
    public mutating func take(_ name: String, _ value: String) throws(GatewayError) -> Bool {
        switch name {
        case "x-gateway-service": service = try Self.value(value, of: name, instead: service)
        case "x-gateway-component": component = try Self.value(value, of: name, instead: component)
        case "x-gateway-env": env = try Self.value(value, of: name, instead: env)
        case "x-gateway-tags":
            guard tags.isEmpty else { throw Self.error(name, "was sent more than once") }
            tags = try Self.tags(value, of: name)
        default: return false
        }
        return true
    }

    private static func value(
        _ text: String, of header: String, instead former: String?
    ) throws(GatewayError) -> String {
        guard former == nil else { throw error(header, "was sent more than once") }
        guard isValue(text) else {
            throw error(header, "must be 1 to 64 letters, digits and . _ : / -")
        }
        return text
    }

    private static func tags(_ text: String, of header: String) throws(GatewayError) -> [Tag] {
        var tags: [Tag] = []
        for part in text.split(separator: ";", omittingEmptySubsequences: false) {
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(trimmed)
            guard sides.count == 2 else { throw error(header, "must be a list such as `key=value; key2=value2`") }
            let (key, value) = (sides[0], sides[1])
            guard isKey(key) else {
                throw error(
                    header, "has a key that is not 1 to 32 characters long: a–z first, then a–z, digits and . _ -")
            }
            guard isValue(value) else {
                throw error(header, "has a value that is not 1 to 64 letters, digits and . _ : / -")
            }
            guard !["service", "component", "env"].contains(key) else {
                throw error(header, "has the key `\(key)`; use the header `x-gateway-\(key)`")
            }
            guard !tags.contains(where: { $0.key == key }) else { throw error(header, "has the key `\(key)` twice") }
            guard tags.count < maxTags else { throw error(header, "has more than \(maxTags) tags") }
            tags.append(Tag(key: key, value: value))
        }
        return tags
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }

    private static func isKey(_ text: String) -> Bool {
        guard let first = text.utf8.first, isLetter(first), text.utf8.count <= 32 else { return false }
        return text.utf8.allSatisfy { isLetter($0) || isDigit($0) || "._-".utf8.contains($0) }
    }

    private static func isValue(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { isLetter($0 | 0x20) && $0 < 0x80 || isDigit($0) || "._:/-".utf8.contains($0) }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func error(_ header: String, _ problem: String) -> GatewayError {
        .client(.invalidTags, "The header `\(header)` \(problem).", param: header)
    }
}
