import Accounting
import GatewayCore
import Routing

/// A model of the price list in the output of commands.
struct PriceView: Encodable {
    let provider: String
    let model: String
    /// The price list and its date.
    let source: String
    /// Empty for a model without a price.
    let rates: [Explanation.PriceView.Rates]
    let contextTokens: Int64?
    let outputTokens: Int64?

    enum CodingKeys: String, CodingKey {
        case provider, model, source, rates
        case contextTokens = "context_tokens"
        case outputTokens = "output_tokens"
    }

    init(provider: String, model: String, _ entry: PriceCatalogue.Entry, source: String) {
        self.provider = provider
        self.source = source
        self.model = model
        rates = entry.rates.map(Explanation.PriceView.Rates.all(of:)) ?? []
        contextTokens = entry.contextTokens
        outputTokens = entry.outputTokens
    }

    static let columns = ["MODEL", "INPUT", "CACHE READ", "CACHE WRITE", "OUTPUT", "CONTEXT", "TIERS"]

    var cells: [String] {
        let classes: [TokenClass] = [.inputUncached, .inputCacheRead, .inputCacheWrite, .outputText]
        let base = classes.map { rates.first?.rates[$0.rawValue] ?? "unpriced" }
        return [model] + base + [contextTokens.map(String.init) ?? "", "\(max(rates.count - 1, 0))"]
    }

    /// One row for each class, one column for each tier.
    var rows: [[String]] {
        let heads = rates.map { $0.aboveInputTokens.map { "ABOVE \($0) INPUT TOKENS" } ?? "PER MILLION TOKENS" }
        let classes = TokenClass.allCases.map { tokenClass in
            [tokenClass.rawValue] + rates.map { $0.rates[tokenClass.rawValue] ?? "unpriced" }
        }
        let limits = [("context_tokens", contextTokens), ("output_tokens", outputTokens)].compactMap { name, tokens in
            tokens.map { [name, "\($0)"] }
        }
        return rates.isEmpty ? [["unpriced"]] + limits : [["CLASS"] + heads] + classes + limits
    }
}
