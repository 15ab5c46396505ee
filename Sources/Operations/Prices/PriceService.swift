public import Accounting
public import GatewayConfig
import GatewayCore
public import Store

/// The prices of all gateways: what the price list says of the upstream models that routes name is written into the
/// database before the first request, and priced from there.
public actor PriceService {
    private let store: GatewayStore
    private var catalogue: PriceCatalogue
    private var source: String
    /// As of the last look.
    private var records: [PriceRecord] = []

    /// - Parameters:
    ///   - catalogue: the list that the release carries.
    ///   - source: where it is from; ends with its date.
    public init(_ store: GatewayStore, catalogue: PriceCatalogue, source: String) {
        self.store = store
        self.catalogue = catalogue
        self.source = source
    }

    /// With the list that the release carries.
    public init(_ store: GatewayStore) {
        let (catalogue, source) = PriceCatalogue.builtIn
        self.init(store, catalogue: catalogue, source: source)
    }

    /// The list in use, for the checks of a configuration.
    var index: CataloguePrices { CataloguePrices(current: catalogue) }

    /// Writes the prices that are new, and returns those of all routes.
    /// - Throws: `StoreError`.
    public func prices(for routing: StoredRouting) async throws -> RoutePrices {
        let wanted = routing.listedPrices(in: catalogue, source: source)
        // Reading first: most loads change no price, and a write would wait for other writers.
        let current = try await store.read { try $0.prices() }
        guard !wanted.changes(from: current).isEmpty else {
            records = current
            return lastPrices(for: routing)
        }
        records = try await store.transaction(by: .priceList) { try $0.putPrices(wanted) }
        return lastPrices(for: routing)
    }

    /// The prices of all routes as they are stored; writes none.
    /// - Throws: `StoreError`.
    public func storedPrices(for routing: StoredRouting) async throws -> RoutePrices {
        records = try await store.read { try $0.prices() }
        return lastPrices(for: routing)
    }

    /// The prices of all routes by what was last read: a model that is new has none.
    public func lastPrices(for routing: StoredRouting) -> RoutePrices {
        RoutePrices(routing, records: records, catalogue: catalogue)
    }
}

extension AuditActor {
    fileprivate static let priceList = AuditActor(kind: .system, name: "price-list")
}
