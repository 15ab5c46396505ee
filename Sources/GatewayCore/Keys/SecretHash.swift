import Crypto

/// The stored form of a key's secret: SHA-256, with the algorithm named so that it can change.
///
/// Unlike a password, a generated secret has 256 random bits, which cannot be guessed; so a fast hash is enough.
public struct SecretHash: Sendable, Hashable {
    public static let algorithm = "sha256"
    /// The 32 bytes as four words, so that hashing and comparing allocate nothing on the request path.
    private let words: SIMD4<UInt64>

    /// The hash of `secret`.
    public init(of secret: Secret) {
        var secret = secret.reveal()
        words = secret.withUTF8 { bytes in
            SHA256.hash(data: UnsafeRawBufferPointer(bytes)).withUnsafeBytes {
                $0.loadUnaligned(as: SIMD4<UInt64>.self)
            }
        }
    }

    /// Parses the stored form, `sha256:<64 hexadecimal digits>`; nil for any other text.
    public init?(stored text: String) {
        let parts = text.split(separator: ":", maxSplits: 1)
        guard parts.count == 2, parts[0] == Self.algorithm, parts[1].utf8.count == 64 else { return nil }
        let digits = parts[1].utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
        guard digits.count == 64 else { return nil }
        let bytes = stride(from: 0, to: 64, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
        words = bytes.withUnsafeBytes { $0.loadUnaligned(as: SIMD4<UInt64>.self) }
    }

    /// `sha256:<64 hexadecimal digits>`.
    public var stored: String {
        let digits = Array("0123456789abcdef")
        return withUnsafeBytes(of: words) { bytes in
            Self.algorithm + ":" + String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
        }
    }

    /// Compares in constant time: the duration does not depend on where the hashes differ.
    public func matches(_ other: SecretHash) -> Bool {
        (words ^ other.words).orOfAll == 0
    }

    /// Stands in for the hash of an unknown key, so that the comparison takes the same time. No secret hashes to it in
    /// practice.
    public static let unknown = SecretHash(words: .zero)

    private init(words: SIMD4<UInt64>) {
        self.words = words
    }
}

extension SIMD4<UInt64> {
    fileprivate var orOfAll: UInt64 { self[0] | self[1] | self[2] | self[3] }
}
