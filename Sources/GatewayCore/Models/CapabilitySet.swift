/// A set of capabilities, small enough for a comparison on every request.
public struct CapabilitySet: Sendable, Hashable, ExpressibleByArrayLiteral {
    /// One bit for each capability, in the order of `Capability.allCases`: at most 16 of them.
    private var bits: UInt16

    /// Every capability.
    public static let all = CapabilitySet(Capability.allCases)

    public init(_ capabilities: some Sequence<Capability>) {
        bits = capabilities.reduce(0) { $0 | Self.bit(of: $1) }
    }

    public init(arrayLiteral capabilities: Capability...) {
        self.init(capabilities)
    }

    /// The members in their declared order, for messages.
    public var members: [Capability] {
        Capability.allCases.filter(contains)
    }

    public var isEmpty: Bool { bits == 0 }

    public func contains(_ capability: Capability) -> Bool {
        bits & Self.bit(of: capability) != 0
    }

    public mutating func insert(_ capability: Capability) {
        bits |= Self.bit(of: capability)
    }

    /// The members of either set.
    public func union(_ other: CapabilitySet) -> CapabilitySet {
        CapabilitySet(bits: bits | other.bits)
    }

    /// The members of both sets.
    public func intersection(_ other: CapabilitySet) -> CapabilitySet {
        CapabilitySet(bits: bits & other.bits)
    }

    /// The members that `other` lacks.
    public func subtracting(_ other: CapabilitySet) -> CapabilitySet {
        CapabilitySet(bits: bits & ~other.bits)
    }

    private init(bits: UInt16) {
        self.bits = bits
    }

    private static func bit(of capability: Capability) -> UInt16 {
        // Every capability is in `allCases`.
        Capability.allCases.firstIndex(of: capability).map { 1 << UInt16($0) } ?? 0
    }
}
