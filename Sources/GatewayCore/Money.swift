/// An amount of money in nanodollars (10⁻⁹ USD), the unit of every stored amount.
///
/// In `gateway.yaml`, the API and the UI it is a decimal string such as `"12.50"`.
public struct Money: Sendable, Hashable, Comparable {
    public let nanodollars: Int64

    public init(nanodollars: Int64) {
        self.nanodollars = nanodollars
    }

    public static let zero = Money(nanodollars: 0)

    /// Parses a decimal string: digits, optionally a point and one to nine more digits, no sign, no exponent.
    ///
    /// Nil for any other text, and for amounts that do not fit into 64 bits (about 9.2 billion dollars).
    public init?(decimal text: some StringProtocol) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, Self.isDigits(whole) else { return nil }
        let fraction = parts.count == 2 ? parts[1] : "0"
        guard Self.isDigits(fraction), fraction.utf8.count <= 9 else { return nil }
        let padded = fraction + String(repeating: "0", count: 9 - fraction.utf8.count)
        guard let dollars = Int64(whole), let nanos = Int64(padded) else { return nil }
        let (product, tooLarge) = dollars.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, overflow) = product.addingReportingOverflow(nanos)
        guard !tooLarge, !overflow else { return nil }
        self.init(nanodollars: sum)
    }

    /// The amount as a decimal string with at least two decimals: `12.50`, `0.000000001`.
    public var decimal: String {
        let magnitude = nanodollars.magnitude
        var fraction = String(magnitude % 1_000_000_000)
        fraction = String(repeating: "0", count: 9 - fraction.utf8.count) + fraction
        while fraction.utf8.count > 2, fraction.last == "0" { fraction.removeLast() }
        return "\(nanodollars < 0 ? "-" : "")\(magnitude / 1_000_000_000).\(fraction)"
    }

    public static func < (left: Money, right: Money) -> Bool {
        left.nanodollars < right.nanodollars
    }

    private static func isDigits(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
