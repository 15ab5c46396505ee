public import GatewayCore

/// A route's own price, which takes precedence over the catalogue's.
public enum RoutePricing: Sendable, Hashable {
    case free
    case rates(TokenRates)
}

extension TokenRates {
    init(_ map: MappingReader) {
        self.init(
            input: map.required("input_per_million_usd", .money) ?? .zero,
            output: map.required("output_per_million_usd", .money) ?? .zero,
            cacheRead: map.optional("cache_read_per_million_usd", .money),
            cacheWrite: map.optional("cache_write_per_million_usd", .money))
    }
}

extension MappingReader {
    /// `free`, a mapping of rates, or `standard` where there is neither.
    func pricing(_ key: String, default standard: RoutePricing?) -> RoutePricing? {
        switch node(key)?.content {
        case nil, .null:
            refuseBlank(key, "`free` or a mapping of rates")
            record(key, standard == .free ? .text("free") : .null)
            return standard
        case .mapping:
            return optionalSection(key, TokenRates.init).map(RoutePricing.rates)
        case .scalar(let scalar) where scalar.text == "free":
            record(key, .text("free"))
            return .free
        case .scalar, .sequence:
            error(key, "must be `free` or a mapping of rates per million tokens")
            return nil
        }
    }
}
