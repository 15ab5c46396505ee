import Crypto

/// Hashes of texts that are not secret: migrations, configuration files.
public enum ContentHash {
    /// The SHA-256 of `text` in UTF-8, as 64 lower-case hexadecimal digits.
    public static func sha256(_ text: String) -> String {
        var text = text
        let digits = Array("0123456789abcdef")
        let digest = text.withUTF8 { SHA256.hash(data: UnsafeRawBufferPointer($0)) }
        return String(digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}
