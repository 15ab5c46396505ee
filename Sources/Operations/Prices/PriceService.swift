public import Accounting
import Foundation
public import GatewayConfig
import GatewayCore
public import Logging
public import Store

/// The prices of all gateways: what the price list says of the upstream models that routes name is written into the
/// database before the first request, and priced from there.
///
/// The list is the newest of the release's own and the one that a gateway has fetched into the database, so that all
/// gateways on it use the same.
public actor PriceService {
    let store: GatewayStore
    let logger: Logger
    /// The list that the release carries.
    let builtIn: PriceList
    /// The list in use.
    private(set) var list: PriceList
    /// Which fetched list was last read, also if it is not in use.
    private var lastRead: Int64?
    /// Whether a route of the last look has its price from the list.
    private(set) var isListUsed = false
    /// As of the last look.
    private var records: [PriceRecord] = []

    /// - Parameter builtIn: the list that the release carries.
    public init(_ store: GatewayStore, builtIn: PriceList = .builtIn, logger: Logger) {
        self.store = store
        self.logger = logger
        self.builtIn = builtIn
        list = builtIn
    }

    /// The list in use, for the checks of a configuration.
    var index: CataloguePrices { CataloguePrices(current: list.catalogue) }

    /// Writes the prices that are new, and returns those of all routes.
    /// - Throws: `StoreError`.
    public func prices(for routing: StoredRouting) async throws -> RoutePrices {
        // A gateway may store another list meanwhile; what an outdated one says must not replace its prices.
        for _ in 0..<3 {
            let (cached, current) = try await store.read { (try $0.cachedPriceList(), try $0.prices()) }
            let list = try await use(cached)
            let wanted = routing.listedPrices(in: list.catalogue, source: list.source)
            // Reading first: most loads change no price, and a write would wait for other writers.
            guard !wanted.changes(from: current).isEmpty else {
                records = current
                break
            }
            let written = try await store.transaction(by: .priceList) { transaction -> [PriceRecord]? in
                let isCurrent = try transaction.reader.cachedPriceList()?.fetchedAt == cached?.fetchedAt
                return try isCurrent ? transaction.putPrices(wanted) : nil
            }
            if let written {
                records = written
                break
            }
        }
        return lastPrices(for: routing)
    }

    /// The prices of all routes as they are stored; writes none.
    /// - Throws: `StoreError`.
    public func storedPrices(for routing: StoredRouting) async throws -> RoutePrices {
        let (cached, current) = try await store.read { (try $0.cachedPriceList(), try $0.prices()) }
        _ = try await use(cached)
        records = current
        return lastPrices(for: routing)
    }

    /// The prices of all routes by what was last read: a model that is new has none.
    public func lastPrices(for routing: StoredRouting) -> RoutePrices {
        isListUsed = routing.usesPriceList
        return RoutePrices(routing, records: records, catalogue: list.catalogue)
    }

    /// The list to use: that of the database if it is newer than the release.
    /// - Throws: `StoreError`.
    public func currentList() async throws -> PriceList {
        try await use(try await store.read { try $0.cachedPriceList() })
    }

    /// Loads the fetched list, unless it is in use already.
    func use(_ cached: CachedPriceList?) async throws -> PriceList {
        guard let cached, lastRead != cached.fetchedAt else { return list }
        // Looked at on a later day than the release's: it is what the source says now, however old it is.
        guard cached.checkedAt.utcDate >= builtIn.date else { return list }
        guard let content = try await content(of: cached) else { return list }
        do {
            let (catalogue, _) = try await runBlocking { try PriceCatalogue.read(Data(content.utf8)) }
            // Another task may have loaded a newer one meanwhile.
            guard lastRead ?? .min < cached.fetchedAt else { return list }
            install(PriceList(catalogue, source: cached.source), storedAt: cached.fetchedAt)
        } catch let error as PriceCatalogue.ReadingError {
            lastRead = cached.fetchedAt
            logger.warning(
                "The price list in the database cannot be read; another one is used until the next refresh.",
                metadata: ["error": "\(error)", "source": "\(cached.source)"])
        }
        return list
    }

    private func content(of cached: CachedPriceList) async throws -> String? {
        try await store.read { reader -> String? in
            let isThere = try reader.cachedPriceList()?.fetchedAt == cached.fetchedAt
            return try isThere ? reader.cachedPriceListContent() : nil
        }
    }

    /// Puts a stored list into use.
    func install(_ list: PriceList, storedAt fetchedAt: Int64) {
        self.list = list
        lastRead = fetchedAt
    }
}

extension AuditActor {
    static let priceList = AuditActor(kind: .system, name: "price-list")
}

extension Int64 {
    /// The day in UTC of a time in microseconds since 1970, as `YYYY-MM-DD`.
    var utcDate: String {
        String(Date(timeIntervalSince1970: Double(self) / 1_000_000).formatted(.iso8601).prefix(10))
    }
}
