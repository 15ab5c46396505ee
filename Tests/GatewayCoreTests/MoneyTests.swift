import GatewayCore
import Testing

@Suite struct MoneyTests {
    @Test(arguments: [
        ("0", 0, "0.00"), ("12.50", 12_500_000_000, "12.50"), ("12.5", 12_500_000_000, "12.50"),
        ("0.000000001", 1, "0.000000001"), ("007.10", 7_100_000_000, "7.10"),
        ("1.123456789", 1_123_456_789, "1.123456789"),
        ("9223372036.854775807", Int64.max, "9223372036.854775807"),
    ])
    func `Reads and writes decimals`(text: String, nanodollars: Int64, canonical: String) throws {
        let money = try #require(Money(decimal: text))
        #expect(money.nanodollars == nanodollars)
        #expect(money.decimal == canonical)
        #expect(Money(decimal: money.decimal) == money)
    }

    @Test(arguments: [
        "", ".", "1.", ".5", "-1", "+1", "1e3", "1.0000000001", " 1", "1 ", "1,5", "1.2.3", "0x10", "１", "1.２", "nan",
        "9223372036.854775808", "9223372037", "99999999999999999999",
    ])
    func `Refuses what is no amount`(text: String) {
        #expect(Money(decimal: text) == nil)
    }

    @Test func `Writes negative amounts`() {
        #expect(Money(nanodollars: -1).decimal == "-0.000000001")
        #expect(Money(nanodollars: -12_500_000_000).decimal == "-12.50")
        #expect(Money(nanodollars: .min).decimal == "-9223372036.854775808")
    }

    @Test func `Is ordered by amount`() {
        #expect(Money(nanodollars: -1) < .zero)
        #expect(Money.zero < Money(nanodollars: 1))
        #expect(!(Money.zero < .zero))
    }
}
