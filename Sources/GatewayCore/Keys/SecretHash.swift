import Crypto

/// The stored form of a key's secret: SHA-256, with the algorithm named so that it can change.
///
/// A fast hash is right here, unlike for passwords: a generated secret has 256 random bits, so there is nothing to guess.
public struct SecretHash: Sendable, Hashable {
    public static let algorithm = "sha256"
    /// The 32 bytes as four words, so that a hash is made and compared on every request without an allocation.
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

    /// Reads the stored form, `sha256:<64 hexadecimal digits>`; nil for any other.
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

    /// Compares in constant time: how long it takes says nothing about where the two differ.
    public func matches(_ other: SecretHash) -> Bool {
        (words ^ other.words).orOfAll == 0
    }

    /// What an unknown key is compared with, so that it costs the same time as a known one. Nothing hashes to it in practice.
    public static let unknown = SecretHash(words: .zero)

    private init(words: SIMD4<UInt64>) {
        self.words = words
    }
}

extension SIMD4<UInt64> {
    fileprivate var orOfAll: UInt64 { self[0] | self[1] | self[2] | self[3] }
}
