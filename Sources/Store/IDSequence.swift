import GatewayCore

/// The ids of one transaction, in the order in which they are made: rows of one moment keep their order.
final class IDSequence {
    /// What fits into the 12 bits that RFC 9562, section 6.2, method 1 gives to a counter.
    private static let maxPerMillisecond: UInt64 = 4096

    private let milliseconds: UInt64
    private var count: UInt64 = 0

    /// - Parameter now: microseconds since 1970 UTC.
    init(now: Int64) {
        milliseconds = UInt64(max(0, now) / 1000)
    }

    func next() -> String {
        defer { count += 1 }
        var random = SystemRandomNumberGenerator()
        return UUIDv7.make(
            milliseconds: milliseconds + count / Self.maxPerMillisecond,
            counter: UInt16(count % Self.maxPerMillisecond), using: &random)
    }
}
