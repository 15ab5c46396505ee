public import GatewayCore

/// The `budget_alerts` section.
public struct BudgetAlertsConfiguration: Sendable, Hashable {
    /// Percentages of a budget, ascending.
    public let thresholds: [Int]
    /// Nil if no mail is sent.
    public let email: AlertEmailConfiguration?
    /// Nil if no webhook is called.
    public let webhook: AlertWebhookConfiguration?

    init(_ map: MappingReader) {
        thresholds = map.scalars("thresholds", .integer(in: 1...100), default: [80, 100]).map(\.value).sorted()
        email = map.optionalSection("email", AlertEmailConfiguration.init)
        webhook = map.optionalSection("webhook", AlertWebhookConfiguration.init)
    }
}

/// A webhook: signed JSON, sent to an address.
public struct AlertWebhookConfiguration: Sendable, Hashable {
    /// A secret: anyone who knows a webhook's address can post to it.
    public let url: Secret
    /// Signs the body.
    public let secret: Secret

    init(_ map: MappingReader) {
        url = map.requiredSecret("url") ?? Secret("")
        secret = map.requiredSecret("secret") ?? Secret("")
        if !url.isEmpty, !["https://", "http://"].contains(where: url.reveal().hasPrefix) {
            map.error("url", "the value must be an http or https address")
        }
    }
}
