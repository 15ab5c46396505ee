public import GatewayCore

/// A limit of spend per window of time.
public struct BudgetConfiguration: Sendable, Hashable {
    /// The length of a window.
    public let cadence: BudgetCadence
    /// Per window; zero allows only free routes.
    public let amount: Money
    /// Whether the limit refuses requests; a soft one only alerts.
    public let isHardLimit: Bool
    /// The time zone of the windows, from the IANA database.
    public let timeZone: String

    init(_ map: MappingReader) {
        cadence = map.required("cadence", .choice) ?? .monthly
        amount = map.required("amount_usd", .money) ?? .zero
        isHardLimit = map.value("hard_limit", .flag, default: true)
        timeZone = map.value("timezone", .timeZone, default: "UTC")
    }
}
