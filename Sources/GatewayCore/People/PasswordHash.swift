import CryptoExtras
import Foundation

/// The stored form of a password: scrypt (RFC 7914) with its cost in the text, so that older hashes work after the cost
/// was raised.
///
/// Hashing and checking at the standard cost take 0.4 s of a processor and 128 MiB: run them neither on an event loop
/// nor on Swift's cooperative threads, and limit how many run at once.
public struct PasswordHash: Sendable, Hashable {
    /// The cost of computing a hash.
    public struct Cost: Sendable, Hashable {
        /// The work and memory as a power of two: scrypt's N is 2 to this.
        public let logN: Int
        /// scrypt's r.
        public let blockSize: Int
        /// scrypt's p.
        public let parallelism: Int

        /// The recommendation of OWASP's Password Storage Cheat Sheet: N = 2¹⁷, r = 8, p = 1.
        public static let standard = Cost(logN: 17, blockSize: 8, parallelism: 1)
        /// The weakest cost, for tests.
        package static let weak = Cost(logN: 4, blockSize: 8, parallelism: 1)

        init(logN: Int, blockSize: Int, parallelism: Int) {
            self.logN = logN
            self.blockSize = blockSize
            self.parallelism = parallelism
        }

        /// A stored text beyond these bounds is not a hash of the gateway's; computing it could exhaust the machine.
        var isReasonable: Bool {
            (1...20).contains(logN) && (1...16).contains(blockSize) && (1...4).contains(parallelism)
        }
    }

    private let cost: Cost
    private let salt: [UInt8]
    private let hash: [UInt8]

    /// The hash of `password` with a new salt.
    /// - Throws: if there is not enough memory.
    public init(of password: Secret, cost: Cost = .standard) throws {
        var random = SystemRandomNumberGenerator()
        let salt = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        self.init(cost: cost, salt: salt, hash: try Self.derive(password, cost: cost, salt: salt))
    }

    /// Parses the stored form; nil for any other text.
    public init?(stored text: String) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0].isEmpty, parts[1] == "scrypt",
            let match = parts[2].wholeMatch(of: /ln=([0-9]{1,2}),r=([0-9]{1,2}),p=([0-9]{1,2})/),
            let logN = Int(match.1), let blockSize = Int(match.2), let parallelism = Int(match.3),
            let salt = Data(base64Encoded: String(parts[3])), let hash = Data(base64Encoded: String(parts[4]))
        else { return nil }
        let cost = Cost(logN: logN, blockSize: blockSize, parallelism: parallelism)
        guard cost.isReasonable, salt.count >= 8, hash.count == 32 else { return nil }
        self.init(cost: cost, salt: Array(salt), hash: Array(hash))
    }

    private init(cost: Cost, salt: [UInt8], hash: [UInt8]) {
        self.cost = cost
        self.salt = salt
        self.hash = hash
    }

    /// `$scrypt$ln=17,r=8,p=1$<salt>$<hash>`, both in base 64.
    public var stored: String {
        let parameters = "ln=\(cost.logN),r=\(cost.blockSize),p=\(cost.parallelism)"
        return "$scrypt$\(parameters)$\(Data(salt).base64EncodedString())$\(Data(hash).base64EncodedString())"
    }

    /// Whether this is the hash of `password`. The comparison takes the same time wherever the hashes differ.
    /// - Throws: as `init(of:)`.
    public func matches(_ password: Secret) throws -> Bool {
        let other = try Self.derive(password, cost: cost, salt: salt)
        return zip(hash, other).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0 && hash.count == other.count
    }

    private static func derive(_ password: Secret, cost: Cost, salt: [UInt8]) throws -> [UInt8] {
        let key = try KDF.Scrypt.deriveKey(
            from: Array(password.reveal().utf8), salt: salt, outputByteCount: 32, rounds: 1 << cost.logN,
            blockSize: cost.blockSize, parallelism: cost.parallelism)
        return key.withUnsafeBytes { Array($0) }
    }
}
