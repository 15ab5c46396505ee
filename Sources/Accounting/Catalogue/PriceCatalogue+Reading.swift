public import Foundation
import GatewayCore

extension PriceCatalogue {
    /// What was left out of a list while it was read.
    public struct Warning: Sendable, Hashable, CustomStringConvertible {
        /// `provider` or `provider/model`.
        public let entry: String
        public let reason: String

        public var description: String { "\(entry): \(reason)" }
    }

    /// Why a list cannot be read at all.
    public enum ReadingError: Error, Sendable, Hashable, CustomStringConvertible {
        /// Larger than `maxBytes`.
        case tooLarge(Int)
        /// Not a JSON object of providers with models.
        case malformed
        /// Not one price in it.
        case empty

        public var description: String {
            switch self {
            case .tooLarge(let bytes): "The price list has \(bytes) bytes; at most \(maxBytes) are read."
            case .malformed: "The price list is not a JSON object of providers."
            case .empty: "The price list has no prices."
            }
        }
    }

    /// A list of 5,000 models has 2 MB.
    public static let maxBytes = 32 << 20

    /// Reads the form of https://models.dev/api.json: providers by id, each with `models` by id, each with `cost` in
    /// dollars per million tokens and `limit` in tokens.
    ///
    /// An entry that makes no sense is left out, with a warning. Unknown fields are passed over.
    public static func read(_ json: Data) throws(ReadingError) -> (PriceCatalogue, warnings: [Warning]) {
        guard json.count <= maxBytes else { throw .tooLarge(json.count) }
        guard let document = try? JSONDecoder().decode([String: Lenient<ListedProvider>].self, from: json) else {
            throw .malformed
        }
        var warnings: [Warning] = []
        var providers: [String: [String: Entry]] = [:]
        for (id, provider) in document.sorted(by: { $0.key < $1.key }) {
            guard let models = provider.value?.models else {
                warnings.append(Warning(entry: id, reason: "is not a provider with models"))
                continue
            }
            for (model, listed) in models.sorted(by: { $0.key < $1.key }) {
                do throws(ListedModel.Refusal) {
                    providers[id, default: [:]][model] = try listed.entry()
                } catch {
                    warnings.append(Warning(entry: "\(id)/\(model)", reason: error.reason))
                }
            }
        }
        guard providers.values.contains(where: { $0.values.contains { $0.rates != nil } }) else { throw .empty }
        return (PriceCatalogue(providers), warnings)
    }
}

/// A value that may be of another form than expected.
private struct Lenient<Value: Decodable>: Decodable {
    let value: Value?

    init(from decoder: any Decoder) {
        value = try? Value(from: decoder)
    }
}

private struct ListedProvider: Decodable {
    let models: [String: Lenient<ListedModel>]
}

extension Lenient<ListedModel> {
    fileprivate func entry() throws(ListedModel.Refusal) -> PriceCatalogue.Entry {
        guard let value else { throw ListedModel.Refusal(reason: "has a price or limit that is not a number") }
        return try value.entry()
    }
}

private struct ListedModel: Decodable {
    struct Refusal: Error {
        let reason: String
    }

    /// Dollars per million tokens.
    struct Cost: Decodable {
        let input: Decimal
        let output: Decimal
        let cacheRead: Decimal?
        let cacheWrite: Decimal?
        let reasoning: Decimal?
        let inputAudio: Decimal?
        let outputAudio: Decimal?

        enum CodingKeys: String, CodingKey {
            case input, output, reasoning
            case cacheRead = "cache_read"
            case cacheWrite = "cache_write"
            case inputAudio = "input_audio"
            case outputAudio = "output_audio"
        }

        var isFree: Bool { input == 0 && output == 0 }

        func rates() throws(Refusal) -> TokenRates {
            func rate(_ value: Decimal?) throws(Refusal) -> Money? {
                guard let value else { return nil }
                return try Money(dollars: value)
            }
            return TokenRates(
                input: try Money(dollars: input), output: try Money(dollars: output), cacheRead: try rate(cacheRead),
                cacheWrite: try rate(cacheWrite), reasoning: try rate(reasoning), inputAudio: try rate(inputAudio),
                outputAudio: try rate(outputAudio))
        }
    }

    struct Tiers: Decodable {
        struct Tier: Decodable {
            struct Limit: Decodable {
                let type: String
                let size: Int64
            }

            let tier: Limit
            let cost: Cost

            init(from decoder: any Decoder) throws {
                tier = try decoder.container(keyedBy: CodingKeys.self).decode(Limit.self, forKey: .tier)
                cost = try Cost(from: decoder)
            }

            enum CodingKeys: String, CodingKey { case tier }
        }

        let tiers: [Tier]?
        let over200k: Cost?

        enum CodingKeys: String, CodingKey {
            case tiers
            case over200k = "context_over_200k"
        }
    }

    struct Limit: Decodable {
        let context: Int64?
        let output: Int64?
    }

    let cost: Cost?
    let tiers: Tiers?
    let limit: Limit?

    enum CodingKeys: String, CodingKey { case cost, limit }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        cost = try container.decodeIfPresent(Cost.self, forKey: .cost)
        tiers = try container.decodeIfPresent(Tiers.self, forKey: .cost)
        limit = try container.decodeIfPresent(Limit.self, forKey: .limit)
    }

    func entry() throws(Refusal) -> PriceCatalogue.Entry {
        // Zero is how the list writes "unknown".
        func limit(_ tokens: Int64?) -> Int64? { tokens.flatMap { $0 > 0 ? $0 : nil } }
        return PriceCatalogue.Entry(
            rates: try rateCard(), contextTokens: limit(self.limit?.context), outputTokens: limit(self.limit?.output))
    }

    private func rateCard() throws(Refusal) -> RateCard? {
        guard let cost, !cost.isFree else { return nil }
        var tiers: [RateCard.Tier] = []
        if let listed = self.tiers?.tiers {
            for tier in listed {
                guard tier.tier.type == "context", tier.tier.size > 0 else {
                    throw Refusal(reason: "has a price tier of the unknown type \(tier.tier.type)")
                }
                tiers.append(RateCard.Tier(aboveInputTokens: tier.tier.size, rates: try tier.cost.rates()))
            }
        } else if let over200k = self.tiers?.over200k {
            tiers.append(RateCard.Tier(aboveInputTokens: 200_000, rates: try over200k.rates()))
        }
        return RateCard(base: try cost.rates(), tiers: tiers)
    }
}

extension Money {
    /// A rate of a price list, which is a product of floating-point arithmetic (0.30000000000000004) and therefore
    /// rounded to a nanodollar.
    fileprivate init(dollars: Decimal) throws(ListedModel.Refusal) {
        var (exact, rounded) = (dollars * 1_000_000_000, Decimal())
        NSDecimalRound(&rounded, &exact, 0, .plain)
        guard rounded >= 0 else { throw ListedModel.Refusal(reason: "has a negative price") }
        // A million dollars for a million tokens: beyond any price there is.
        guard rounded <= 1_000_000 * 1_000_000_000 else { throw ListedModel.Refusal(reason: "has an absurd price") }
        self.init(nanodollars: NSDecimalNumber(decimal: rounded).int64Value)
    }
}
