import GatewayCore

/// The members that say how much a request may use, and what changes its price.
extension RequestScan {
    /// A limit on the output of one choice. Of several, which some clients send, the highest counts.
    mutating func readMaxOutput() throws(JSONSyntaxError) {
        guard let tokens = scanner.integer(try scanner.value()), tokens >= 0 else { return }
        bounds.maxOutputTokens = max(tokens, bounds.maxOutputTokens ?? 0)
    }

    /// How many answers are asked for.
    mutating func readChoices() throws(JSONSyntaxError) {
        guard let choices = scanner.integer(try scanner.value()), choices > 0 else { return }
        bounds.choices = choices
    }

    /// Another tier than the standard one has other prices
    /// (https://platform.openai.com/docs/api-reference/chat/create, `service_tier`).
    mutating func readServiceTier() throws(JSONSyntaxError) {
        guard try scanner.peek() == Byte.quote else {
            _ = try scanner.value()
            return
        }
        let tier = try scanner.string()
        if tier.contents.isEmpty || scanner.isEqual(tier, "default") || scanner.isEqual(tier, "auto") { return }
        recordBillingModifier("service_tier")
    }

    /// Keeps the first one.
    mutating func recordBillingModifier(_ field: String) {
        if bounds.billingModifier == nil { bounds.billingModifier = field }
    }
}
