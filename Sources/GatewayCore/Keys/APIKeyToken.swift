/// The key that a caller presents: `gwk_<public id>.<secret>`.
public struct APIKeyToken: Sendable {
    /// The part that lists and logs may show: `[A-Za-z0-9]{8,40}`.
    public let publicID: String
    public let secret: Secret

    public static let prefix = "gwk_"
    /// The minimum length of a seeded secret, unless the gateway is local: 32 characters.
    public static let minRedactableBytes = 32

    public init(publicID: String, secret: Secret) {
        self.publicID = publicID
        self.secret = secret
    }

    /// Parses the textual form; nil for any other text. A secret is 1 to 256 visible ASCII characters.
    public init?(_ text: Substring) {
        // Bytes, not characters: this runs for every request, and comparing characters is ten times as expensive.
        guard text.utf8.starts(with: Self.prefix.utf8) else { return nil }
        let rest = text.utf8.dropFirst(Self.prefix.utf8.count)
        guard let dot = rest.firstIndex(of: UInt8(ascii: ".")) else { return nil }
        let id = rest[..<dot]
        let secret = rest[rest.index(after: dot)...]
        guard (8...40).contains(id.count), id.allSatisfy(Self.isAlphanumeric) else { return nil }
        guard (1...256).contains(secret.count), secret.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        self.publicID = String(decoding: id, as: UTF8.self)
        self.secret = Secret(String(decoding: secret, as: UTF8.self))
    }

    /// Parses the textual form; nil for any other text.
    public init?(_ text: String) {
        self.init(text[...])
    }

    /// A new key: 16 characters of public id and a secret of 256 random bits, base64url without padding.
    public static func generate(using random: inout some RandomNumberGenerator) -> APIKeyToken {
        let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
        let publicID = String((0..<16).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &random)] })
        let base64 = alphabet + ["-", "_"]
        let secret = String((0..<43).map { _ in base64[Int.random(in: 0..<64, using: &random)] })
        return APIKeyToken(publicID: publicID, secret: Secret(secret))
    }

    /// The token as the caller sends it.
    public var text: Secret {
        Secret("\(Self.prefix)\(publicID).\(secret.reveal())")
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }
}
