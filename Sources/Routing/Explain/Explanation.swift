/// Why a request would be accepted or refused, stage by stage, with the setting behind each decision.
public struct Explanation: Sendable, Hashable, Codable {
    /// A stage of the pipeline.
    public struct Stage: Sendable, Hashable, Codable {
        /// A `Decision.Stage`.
        public let name: String
        public let verdict: Decision.Verdict
        /// The decision in words.
        public let finding: String
        /// The setting to change; nil if there is none.
        public let setting: String?
    }

    /// A candidate route.
    public struct RouteView: Sendable, Hashable, Codable {
        public let id: String
        public let provider: String
        public let upstreamModel: String
        public let priority: Int
        public let weight: Double
        /// Whether it is tried.
        public let isKept: Bool
        /// The name of the reason for dropping the route, as in logs and errors; nil for a route that is tried.
        public let reason: String?
        /// The reason in words, or the health of a route that is tried.
        public let finding: String
        /// The setting to change; nil if there is none.
        public let setting: String?
        /// What an attempt costs.
        public let price: PriceView
        /// The probability that the route is tried first, from 0 to 1; nil for a route that is dropped or of a later
        /// priority.
        public let odds: Double?

        enum CodingKeys: String, CodingKey {
            case id, provider, priority, weight, reason, finding, setting, price, odds
            case upstreamModel = "upstream_model"
            case isKept = "kept"
        }
    }

    /// The price of a route.
    public struct PriceView: Sendable, Hashable, Codable {
        /// Rates in dollars per million tokens, as decimals, by class.
        public struct Rates: Sendable, Hashable, Codable {
            /// They apply to requests with more input than this; nil for all others.
            public let aboveInputTokens: Int64?
            public let rates: [String: String]

            enum CodingKeys: String, CodingKey {
                case rates
                case aboveInputTokens = "above_input_tokens"
            }
        }

        /// `priced`, `free` or `unpriced`, as in the ledger.
        public let status: String
        /// Why it is unpriced; nil otherwise.
        public let reason: String?
        /// The price list and its date, or `route` for a price of the route's own; nil without a price.
        public let source: String?
        public let rates: [Rates]
    }

    /// The HTTP status that the caller would get; 200 if the provider decides it.
    public let status: Int
    /// The error's code; nil if the request would be sent to a provider.
    public let code: String?
    /// The error's message for the caller, or a summary.
    public let message: String
    /// An `APIOperation`.
    public let operation: String
    public let requestedModel: String
    /// The aliases that lead to the resolved model, in their order.
    public let aliases: [String]
    public let resolvedModel: String?
    /// In the order of the pipeline.
    public let stages: [Stage]
    /// The candidates, in the order of the model's routes; empty if the request is refused before they are looked at.
    public let routes: [RouteView]

    enum CodingKeys: String, CodingKey {
        case status, code, message, operation, aliases, stages, routes
        case requestedModel = "requested_model"
        case resolvedModel = "resolved_model"
    }
}
