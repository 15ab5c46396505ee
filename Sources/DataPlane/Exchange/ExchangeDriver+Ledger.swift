import Accounting
import GatewayCore
import NIOCore
import WireFormats

/// The entry of an attempt in the ledger: opened before its provider is called, closed when the attempt has ended.
struct OpenLedgerEntry {
    var entry: LedgerEntry
    let terms: AttemptTerms
    let ticket: JournalTicket
}

extension ExchangeDriver {
    // MARK: 5. Admit: the last step before the provider

    /// Records the attempt as it stands if the gateway crashes. Without that its provider is not called.
    func openLedgerEntry(_ position: Int) {
        guard let journal = loop.journal else { return handle(.admitted) }
        do throws(GatewayError) {
            let (entry, terms) = try newLedgerEntry(position)
            let ticket = try journal.begin(entry)
            ledgerEntry = OpenLedgerEntry(entry: entry, terms: terms, ticket: ticket)
            guard let synced = journal.synced(ticket) else { return handle(.admitted) }
            awaitSync(synced)
        } catch {
            handle(.refused(error))
        }
    }

    private func awaitSync(_ synced: EventLoopFuture<Void>) {
        handle(.lookupPending)
        synced.assumeIsolated().whenComplete { [self] result in
            resume {
                switch result {
                case .success: handle(.admitted)
                case .failure(let error):
                    handle(.refused(error as? GatewayError ?? .internalError("the journal failed: \(error)")))
                }
            }
        }
    }

    private func newLedgerEntry(_ position: Int) throws(GatewayError) -> (LedgerEntry, AttemptTerms) {
        guard let caller = exchange.caller, let api, let model, let plan = exchange.plan else {
            throw .internalError("attempt \(position) has no caller or no plan")
        }
        let route = model.routes[plan.kept[position].index]
        let facts = api.facts
        let terms = AttemptTerms(
            price: route.price, bounds: facts.bounds,
            bodyBytes: body.readableBytes + (route.adjustments.extraBody?.utf8.count ?? 0),
            defaultOutputTokens: loop.settings.defaultOutputHoldTokens)
        let now = WallClock.now()
        var entry = LedgerEntry(
            id: LedgerEntry.ID(requestID: exchange.id, attempt: ledgerEntries + 1), replicaID: loop.settings.replicaID,
            caller: caller, operation: api.operation, requestedModel: facts.model, resolvedModel: model.id,
            provider: route.provider, route: route.id, upstreamModel: route.upstreamModel, client: exchange.client,
            tags: exchange.tags.all, pricing: .notBilled, hold: .zero, cost: .zero, endReason: .gatewayCrashed,
            usageSource: nil, admittedAt: now, startedAt: now)
        entry.open(terms)
        return (entry, terms)
    }

    // MARK: 8. Settle

    /// Records what the attempt has cost; nothing, if its provider was not called.
    /// - Parameter attempt: nil if the request ended before it was made.
    func closeLedgerEntry(_ attempt: ActiveAttempt?, _ outcome: AttemptOutcome, _ reason: EndReason) {
        guard var open = ledgerEntry, let journal = loop.journal else { return }
        ledgerEntry = nil
        guard let attempt, attempt.wasCalled else { return journal.cancel(open.ticket) }
        ledgerEntries += 1
        let status = exchange.attempts[attempt.number].status
        open.entry.close(attempt.ending(outcome, reason, status: status), open.terms, at: WallClock.now())
        journal.settle(open.ticket, open.entry)
        exchange.attempts[attempt.number].charge = Charge(open.entry)
    }
}

extension ActiveAttempt {
    /// The facts that the attempt's cost depends on.
    fileprivate func ending(_ outcome: AttemptOutcome, _ reason: EndReason, status: Int?) -> AttemptEnding {
        var ending = AttemptEnding(reason)
        ending.status = status
        ending.isReportedFailure = isReportedFailure
        if case .failed(let error) = outcome { ending.wasSent = error.code != .upstreamUnreachable }
        guard let relay else { return ending }
        ending.usage = relay.usage
        ending.outputBytes = relay.outputBytes
        ending.isComplete = outcome == .succeeded || relay.isComplete
        ending.hasContent = isStream ? relay.hasContent : relay.outputBytes > 0
        return ending
    }
}
