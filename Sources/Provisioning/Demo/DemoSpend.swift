import GatewayCore
import Store

/// Thirty days of spend of the demo's keys, as a ledger would have it: most requests complete, some cancelled, failed
/// over, estimated or without a price. The same days give the same entries.
struct DemoSpend {
    private struct Owner {
        let caller: Caller
        let habit: DemoHabit
    }

    /// How many days.
    private static let length: Int64 = 30
    private static let day: Int64 = 86_400_000_000

    private let owners: [Owner]

    /// Nil if the ledger has spend of the demo already, or its keys are not there.
    init?(reader: StoreReader) throws {
        var owners: [Owner] = []
        for habit in DemoHabit.all {
            guard let key = try reader.keys(named: habit.key).last else { continue }
            let always = SpendScope(0..<Int64.max / 2, keyID: key.id)
            guard try reader.spendTotal(always).attempts == 0 else { return nil }
            let user = try habit.email.flatMap { try reader.user(email: $0) }
            let team = try reader.team(key: habit.team)
            let caller = Caller(keyID: key.id, keyPublicID: key.publicID, userID: user?.id, teamID: team?.id)
            owners.append(Owner(caller: caller, habit: habit))
        }
        guard !owners.isEmpty else { return nil }
        self.owners = owners
    }

    /// The last thirty whole days of UTC.
    func days(before now: Int64) -> [CalendarZone.Day] {
        let end = CalendarZone.utc.day(of: now).range.lowerBound
        return CalendarZone.utc.days(in: end - Self.length * Self.day..<end)
    }

    func entries(of day: CalendarZone.Day) -> [LedgerEntry] {
        var random = DemoRandom(seed: UInt64(bitPattern: day.range.lowerBound))
        // 1970 began on a Thursday.
        let weekday = (day.range.lowerBound / Self.day + 3) % 7
        return owners.flatMap { owner in
            let usual = weekday < 5 ? owner.habit.requestsOnWorkdays : owner.habit.requestsOnWeekends
            let count = usual == 0 ? 0 : Int.random(in: usual * 3 / 4...usual * 5 / 4, using: &random)
            return (0..<count).flatMap { _ in request(owner, day, &random) }
        }
    }

    private func request(
        _ owner: Owner, _ day: CalendarZone.Day, _ random: inout DemoRandom
    ) -> [LedgerEntry] {
        let hour = Double.random(in: 7..<13, using: &random) + Double.random(in: 0..<7, using: &random)
        let time = day.range.lowerBound + Int64(hour * 3_600_000_000)
        let id = UUIDv7.make(milliseconds: UInt64(time / 1000), using: &random)
        let model = owner.habit.models.randomElement(using: &random) ?? .small
        let failsOver = Int.random(in: 0..<40, using: &random) == 0
        let classes = tokens(owner.habit, &random)
        var entry = LedgerEntry(
            id: LedgerEntry.ID(requestID: id, attempt: failsOver ? 2 : 1), replicaID: "demo", caller: owner.caller,
            operation: .chat, requestedModel: model.name, resolvedModel: model.name, provider: model.provider,
            route: "\(model.name)/1", upstreamModel: model.name,
            client: ClientFacts(session: owner.habit.session(at: time), client: owner.habit.client),
            tags: owner.habit.tags, classes: classes, pricing: .priced, price: model.price,
            hold: Money(nanodollars: 60_000_000), cost: .zero, endReason: .complete, usageSource: .providerFinal,
            admittedAt: time, startedAt: time, endedAt: time + .random(in: 400_000...9_000_000, using: &random))
        end(&entry, model, &random)
        guard failsOver else { return [entry] }
        return [refused(entry), entry]
    }

    private func tokens(_ habit: DemoHabit, _ random: inout DemoRandom) -> TokenClasses {
        let input = Int64.random(in: habit.input, using: &random)
        let cached = Int.random(in: 0..<3, using: &random) == 0 ? input / 2 : 0
        return TokenClasses(
            inputUncached: input - cached, inputCacheRead: cached,
            outputText: .random(in: habit.output, using: &random),
            outputReasoning: Int.random(in: 0..<4, using: &random) == 0 ? .random(in: 50...900, using: &random) : 0)
    }

    /// How the attempt ends, and what it costs.
    private func end(_ entry: inout LedgerEntry, _ model: DemoModel, _ random: inout DemoRandom) {
        guard let card = model.card else {
            entry.pricing = .unpriced(reason: Unpriced.noPrice.text)
            return
        }
        switch Int.random(in: 0..<100, using: &random) {
        case 0:
            entry.classes = TokenClasses()
            (entry.endReason, entry.usageSource) = (.timeout, .heldMaximum)
            entry.cost = entry.hold
            return
        case 1...3: (entry.endReason, entry.usageSource) = (.clientCancelled, .estimated)
        case 4: (entry.endReason, entry.usageSource) = (.upstreamTruncated, .providerPartial)
        default: break
        }
        entry.cost = (try? card.cost(of: entry.classes)) ?? .zero
    }

    /// The attempt before, which another provider's route refused.
    private func refused(_ entry: LedgerEntry) -> LedgerEntry {
        LedgerEntry(
            id: LedgerEntry.ID(requestID: entry.id.requestID, attempt: 1), replicaID: entry.replicaID,
            caller: entry.caller, operation: entry.operation, requestedModel: entry.requestedModel,
            resolvedModel: entry.resolvedModel, provider: "azure", route: "\(entry.resolvedModel)/2",
            upstreamModel: entry.upstreamModel, client: entry.client, tags: entry.tags, pricing: .notBilled,
            hold: entry.hold, cost: .zero, endReason: .upstreamError, usageSource: nil, admittedAt: entry.admittedAt,
            startedAt: entry.startedAt, endedAt: entry.startedAt + 150_000)
    }
}
