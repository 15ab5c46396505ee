#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// An IP address, or a range of them in CIDR notation (RFC 4632).
public struct IPNetwork: Sendable, Hashable, CustomStringConvertible {
    /// 4 or 16 bytes in network order.
    public let address: [UInt8]
    /// The number of significant leading bits; 32 or 128 for a single address.
    public let prefixLength: Int
    /// As written.
    public let description: String

    /// Reads `10.0.0.0/8`, `10.1.2.3`, `fd00::/8`, `::1`; nil for anything else.
    init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let host = parts.first, let address = Self.bytes(of: host) else { return nil }
        var length = address.count * 8
        if parts.count == 2 {
            guard let written = UInt8(parts[1]), Int(written) <= length else { return nil }
            length = Int(written)
        }
        self.address = address
        prefixLength = length
        description = text
    }

    /// Whether all of `other` is in this range.
    func contains(_ other: IPNetwork) -> Bool {
        guard other.address.count == address.count, other.prefixLength >= prefixLength else { return false }
        return (0..<prefixLength).allSatisfy { bit in
            let mask = UInt8(0x80) >> UInt8(bit % 8)
            return address[bit / 8] & mask == other.address[bit / 8] & mask
        }
    }

    private static func bytes(of host: String) -> [UInt8]? {
        for (family, size) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: size)
            if inet_pton(family, host, &bytes) == 1 { return bytes }
        }
        return nil
    }
}

extension ScalarKind where Value == IPNetwork {
    static var network: ScalarKind {
        .string("an IP address or a range such as \"10.0.0.0/8\"", show: \.description, read: IPNetwork.init)
    }
}
