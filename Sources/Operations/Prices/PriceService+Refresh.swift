import Accounting
import Foundation
import GatewayCore
import Store

extension PriceService {
    /// Asks `source` for a newer list, and stores it for all gateways. The prices of routes follow when they are next
    /// loaded (`prices(for:)`), which the change of the database makes every gateway do.
    ///
    /// A bad entry is left out. A list that cannot be read, or has lost half of the models, is refused.
    /// - Parameter interval: nothing is fetched if a gateway has looked within it, or no route is priced by the list;
    ///   nil fetches in any case.
    /// - Throws: `PriceRefreshError`, `StoreError`.
    public func refresh(from source: any PriceListSource, ifOlderThan interval: Duration?) async throws -> PriceRefresh
    {
        if interval != nil, !isListUsed { return .notUsed }
        let cached = try await store.read { try $0.cachedPriceList() }
        if let interval, let age = cached.flatMap({ age(of: $0) }), age < interval { return .notDue(age) }
        let current = try await use(cached)
        // Another source's list says nothing about this one's.
        let own = cached.flatMap { $0.source.dropLast(11) == source.name ? $0 : nil }
        let isInUse = own?.source == current.source
        let answer = try await fetch(source, etag: isInUse ? own?.etag : nil)
        guard case .list(let content, let etag) = answer else {
            try await recordCheck(own, etag: own?.etag)
            return .unchanged
        }
        let (catalogue, leftOut, text) = try await read(content, source: source.name)
        if isInUse, catalogue == current.catalogue {
            try await recordCheck(own, etag: etag)
            return .unchanged
        }
        let before = current.source.hasPrefix(source.name + " ") ? current.catalogue.pricedModels : 0
        guard catalogue.pricedModels * 2 >= before else {
            throw PriceRefreshError.shrunk(source: source.name, models: catalogue.pricedModels, before: before)
        }
        let list = PriceList(catalogue, source: "\(source.name) \(store.now().utcDate)")
        let stored = try await store.transaction(by: .priceList) {
            try $0.putPriceList(source: list.source, etag: etag, content: text, models: catalogue.pricedModels)
        }
        install(list, storedAt: stored.fetchedAt)
        return .updated(PriceListChanges(from: current.catalogue, to: catalogue), leftOut: leftOut)
    }

    /// How long ago a gateway has looked; nil if that is in the future, after a clock was set back.
    private func age(of cached: CachedPriceList) -> Duration? {
        let age = store.now() - cached.checkedAt
        return age >= 0 ? .microseconds(age) : nil
    }

    private func fetch(_ source: any PriceListSource, etag: String?) async throws -> PriceListAnswer {
        do {
            return try await source.fetch(etag: etag)
        } catch {
            try Task.checkCancellation()
            throw PriceRefreshError.notFetched(source: source.name, reason: "\(error)")
        }
    }

    /// Decodes outside of event loops and Swift's pool: a list has megabytes.
    private func read(
        _ content: Data, source: String
    ) async throws -> (PriceCatalogue, leftOut: [PriceCatalogue.Warning], text: String) {
        do {
            return try await runBlocking {
                let (catalogue, leftOut) = try PriceCatalogue.read(content)
                // The database has text; what is no UTF-8 the decoder has refused.
                return (catalogue, leftOut, String(decoding: content, as: UTF8.self))
            }
        } catch let error as PriceCatalogue.ReadingError {
            throw PriceRefreshError.unreadable(source: source, error)
        }
    }

    private func recordCheck(_ cached: CachedPriceList?, etag: String?) async throws {
        guard let cached else { return }
        try await store.transaction(by: .priceList) {
            try $0.recordPriceListCheck(of: cached.fetchedAt, etag: etag)
        }
    }
}
