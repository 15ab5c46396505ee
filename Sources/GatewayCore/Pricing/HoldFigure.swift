/// The most that an attempt can cost, computed before its provider is called.
///
/// It is what a hard budget holds, and what the attempt costs if the gateway never learns how it ended.
public struct HoldFigure: Sendable, Hashable {
    /// The most input tokens; nil if there is no bound.
    public let inputTokens: Int64?
    /// The most output tokens of all choices together.
    public let outputTokens: Int64
    /// Nil if the input has no bound or the route no rates.
    public let amount: Money?

    /// The most tokens that an image counts for at a provider: GPT-4o mini counts 2,833 and 5,667 for each of at most
    /// eight tiles (https://platform.openai.com/docs/guides/images-vision#calculating-costs).
    public static let tokensPerImage: Int64 = 48_169

    /// - Parameters:
    ///   - bodyBytes: the size of the request's body. No token is shorter than a byte of its text, and what the
    ///     provider adds for a message or a tool is less than its names, quotes and brackets take in the body.
    ///   - defaultOutputTokens: for a request without a limit of its own (`accounting.default_output_hold_tokens`).
    public init(bodyBytes: Int, _ bounds: UsageBounds, price: RoutePrice, defaultOutputTokens: Int64) {
        inputTokens = Self.input(Int64(bodyBytes), bounds, contextTokens: price.contextTokens)
        outputTokens = bounds.hasOutput ? Self.output(bounds, price.outputTokens, defaultOutputTokens) : 0
        amount =
            switch price.terms {
            case .free: .zero
            case .unpriced: nil
            case .rates(let card):
                inputTokens.flatMap { [outputTokens] in card.maxCost(input: $0, output: outputTokens) }
            }
    }

    private static func input(_ bytes: Int64, _ bounds: UsageBounds, contextTokens: Int64?) -> Int64? {
        guard !bounds.hasUnboundedInput else { return contextTokens }
        let (images, overflow) = bounds.images.multipliedReportingOverflow(by: tokensPerImage)
        guard !overflow else { return contextTokens }
        let tokens = bytes.addingReportingOverflow(images)
        guard !tokens.overflow else { return contextTokens }
        return min(tokens.partialValue, contextTokens ?? .max)
    }

    private static func output(_ bounds: UsageBounds, _ limit: Int64?, _ standard: Int64) -> Int64 {
        let perChoice = min(max(bounds.maxOutputTokens ?? standard, 0), limit ?? .max)
        let (all, overflow) = perChoice.multipliedReportingOverflow(by: max(bounds.choices, 1))
        return overflow ? .max : all
    }
}

extension RateCard {
    /// The most that so many tokens can cost, at the highest rates that can apply; nil if it does not fit into 64 bits.
    func maxCost(input: Int64, output: Int64) -> Money? {
        // A request is in the tier of its real input, which may be any up to the bound.
        let reachable = [base] + tiers.filter { input > $0.aboveInputTokens }.map(\.rates)
        let costs = reachable.map { rates -> Money? in
            guard let one = rates.maxInput.cost(of: input), let other = rates.maxOutput.cost(of: output) else {
                return nil
            }
            let (sum, overflow) = one.nanodollars.addingReportingOverflow(other.nanodollars)
            // One for each class, since each is rounded by itself.
            return overflow ? nil : Money(nanodollars: sum.addingReportingOverflow(7).partialValue)
        }
        guard !costs.contains(nil) else { return nil }
        return costs.compactMap(\.self).max()
    }
}
