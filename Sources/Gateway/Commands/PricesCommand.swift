import Accounting
import ArgumentParser
import GatewayCore

struct PricesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prices", abstract: "Show the price list that this release carries.",
        subcommands: [List.self, Show.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the providers, or the models of one, in dollars per million tokens.",
            discussion: "The provider ids are what `pricing_provider_id` takes.")

        @Argument(help: "The id of a provider in the price list, such as openai.") var provider: String?
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            let (catalogue, source) = PriceCatalogue.builtIn
            guard let provider else {
                if json { return try Terminal.printJSON(catalogue.providerIDs) }
                Terminal.print(source)
                return catalogue.providerIDs.forEach { Terminal.print($0) }
            }
            let models = try catalogue.known(provider)
            let views = models.sorted { $0.key < $1.key }.map { PriceView(provider: provider, model: $0, $1) }
            if json { return try Terminal.printJSON(views) }
            Terminal.printTable([PriceView.columns] + views.map(\.cells))
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what a model costs, in dollars per million tokens, and the limits of its tokens.")

        @Argument(help: "The id of a provider in the price list, such as openai.") var provider: String
        @Argument(help: "The model as a route names it: its `upstream_model`.") var model: String
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            let (catalogue, source) = PriceCatalogue.builtIn
            _ = try catalogue.known(provider)
            guard let (id, entry) = catalogue.entry(provider: provider, model: model) else {
                throw CommandFailure(
                    .usage, "The price list does not have the model \(model) of \(provider).",
                    hint: "`gateway prices list \(provider)` shows its models; a route can have its own `pricing`.")
            }
            let view = PriceView(provider: provider, model: id, entry)
            if json { return try Terminal.printJSON(view) }
            Terminal.print("\(provider) \(id), by \(source)")
            Terminal.printTable(view.rows)
        }
    }
}

extension PriceCatalogue {
    fileprivate func known(_ provider: String) throws(CommandFailure) -> [String: Entry] {
        guard let models = models(of: provider) else {
            throw CommandFailure(
                .usage, "The price list does not have the provider \(provider).",
                hint: "`gateway prices list` shows its providers.")
        }
        return models
    }
}

/// A model of the price list in the output of commands.
private struct PriceView: Encodable {
    struct Rates: Encodable {
        /// The rates apply above this many tokens of input; nil for all other requests.
        let aboveInputTokens: Int64?
        /// Dollars per million tokens, by class.
        let rates: [String: String]

        enum CodingKeys: String, CodingKey {
            case rates
            case aboveInputTokens = "above_input_tokens"
        }

        init(_ rates: TokenRates, aboveInputTokens: Int64?) {
            self.aboveInputTokens = aboveInputTokens
            self.rates = TokenClass.allCases.reduce(into: [:]) { $0[$1.rawValue] = rates.rate(of: $1)?.decimal }
        }
    }

    let provider: String
    let model: String
    /// Empty for a model without a price.
    let rates: [Rates]
    let contextTokens: Int64?
    let outputTokens: Int64?

    enum CodingKeys: String, CodingKey {
        case provider, model, rates
        case contextTokens = "context_tokens"
        case outputTokens = "output_tokens"
    }

    init(provider: String, model: String, _ entry: PriceCatalogue.Entry) {
        self.provider = provider
        self.model = model
        rates =
            entry.rates.map { card in
                [Rates(card.base, aboveInputTokens: nil)]
                    + card.tiers.map { Rates($0.rates, aboveInputTokens: $0.aboveInputTokens) }
            } ?? []
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
