import Crypto

/// The stored form of a key's secret: SHA-256, with the algorithm named so that it can change.
///
/// A fast hash is right here, unlike for passwords: a generated secret has 256 random bits, so there is nothing to guess.
public struct SecretHash: Sendable, Hashable {
    public static let algorithm = "sha256"
    private let digest: [UInt8]

    /// The hash of `secret`.
    public init(of secret: Secret) {
        var secret = secret.reveal()
        digest = secret.withUTF8 { Array(SHA256.hash(data: UnsafeRawBufferPointer($0))) }
    }

    /// Reads the stored form, `sha256:<64 hexadecimal digits>`; nil for any other.
    public init?(stored text: String) {
        let parts = text.split(separator: ":", maxSplits: 1)
        guard parts.count == 2, parts[0] == Self.algorithm, parts[1].utf8.count == 64 else { return nil }
        let digits = parts[1].utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
        guard digits.count == 64 else { return nil }
        digest = stride(from: 0, to: 64, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    /// `sha256:<64 hexadecimal digits>`.
    public var stored: String {
        let digits = Array("0123456789abcdef")
        return Self.algorithm + ":" + String(digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }

    /// Compares in constant time: how long it takes says nothing about where the two differ.
    public func matches(_ other: SecretHash) -> Bool {
        guard digest.count == other.digest.count else { return false }
        var difference: UInt8 = 0
        for (left, right) in zip(digest, other.digest) { difference |= left ^ right }
        return difference == 0
    }

    /// What an unknown key is compared with, so that it costs the same time as a known one. Nothing hashes to it in practice.
    public static let unknown = SecretHash(zeroes: 32)

    private init(zeroes count: Int) {
        digest = Array(repeating: 0, count: count)
    }
}
