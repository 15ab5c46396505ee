/// One attempt that reached a provider, or may have: a row of the ledger.
///
/// The gateway makes an entry before it calls the provider, as it stands if the gateway crashes then, and a final one
/// when the attempt has ended. Each holds everything, so either alone is enough to write the row.
public struct LedgerEntry: Sendable, Hashable {
    /// The identity: a request is counted once for each attempt, whichever process writes the row, and how often.
    public struct ID: Sendable, Hashable {
        /// The gateway's id of the request (`Exchange.id`), a UUID in lower case.
        public let requestID: String
        /// Counted from 1.
        public let attempt: Int

        public init(requestID: String, attempt: Int) {
            self.requestID = requestID
            self.attempt = attempt
        }
    }

    /// What does not change from the intent to the end: behind a reference, since both are the same attempt, and every
    /// step on the way would copy a dozen strings.
    private final class Attempt: Sendable {
        let facts: Facts

        init(_ facts: Facts) {
            self.facts = facts
        }
    }

    private struct Facts: Sendable, Hashable {
        let id: ID
        var replicaID: String
        var caller: Caller
        var operation: APIOperation
        var requestedModel: String
        var resolvedModel: String
        var provider: String
        var route: String
        var upstreamModel: String
        var client: ClientFacts
        var tags: [RequestTags.Tag]
        var admittedAt: Int64
        var startedAt: Int64
    }

    private var shared: Attempt

    private var facts: Facts {
        get { shared.facts }
        set { shared = Attempt(newValue) }
    }

    public var id: ID { shared.facts.id }
    /// The id of the gateway's run that made the attempt.
    public var replicaID: String {
        get { shared.facts.replicaID }
        set { facts.replicaID = newValue }
    }
    /// The owner at the request's arrival.
    public var caller: Caller {
        get { shared.facts.caller }
        set { facts.caller = newValue }
    }
    public var operation: APIOperation {
        get { shared.facts.operation }
        set { facts.operation = newValue }
    }
    public var requestedModel: String {
        get { shared.facts.requestedModel }
        set { facts.requestedModel = newValue }
    }
    public var resolvedModel: String {
        get { shared.facts.resolvedModel }
        set { facts.resolvedModel = newValue }
    }
    /// The provider's id in the configuration, such as `openai`.
    public var provider: String {
        get { shared.facts.provider }
        set { facts.provider = newValue }
    }
    public var route: String {
        get { shared.facts.route }
        set { facts.route = newValue }
    }
    public var upstreamModel: String {
        get { shared.facts.upstreamModel }
        set { facts.upstreamModel = newValue }
    }
    /// What the caller's software says about itself.
    public var client: ClientFacts {
        get { shared.facts.client }
        set { facts.client = newValue }
    }
    /// The caller's labels (`RequestTags.all`); keys are unique.
    public var tags: [RequestTags.Tag] {
        get { shared.facts.tags }
        set { facts.tags = newValue }
    }
    /// Microseconds since 1970 UTC, as all times of an entry. Decides the budget window.
    public var admittedAt: Int64 {
        get { shared.facts.admittedAt }
        set { facts.admittedAt = newValue }
    }
    /// When the attempt started.
    public var startedAt: Int64 {
        get { shared.facts.startedAt }
        set { facts.startedAt = newValue }
    }

    /// What was used, by class.
    public var classes: TokenClasses
    /// How `cost` comes about.
    public var pricing: PricingStatus
    /// The price that applied at the admission; nil without one.
    public var price: AppliedPrice?
    /// The upper bound of the cost, computed before the call.
    public var hold: Money
    public var cost: Money
    public var endReason: EndReason
    /// Where the classes come from; nil if the provider bills nothing.
    public var usageSource: UsageSource?

    /// When the attempt ended; nil if the gateway did not live to see it.
    public var endedAt: Int64?

    public init(
        id: ID, replicaID: String, caller: Caller, operation: APIOperation, requestedModel: String,
        resolvedModel: String, provider: String, route: String, upstreamModel: String,
        client: ClientFacts = ClientFacts(), tags: [RequestTags.Tag] = [], classes: TokenClasses = TokenClasses(),
        pricing: PricingStatus, price: AppliedPrice? = nil, hold: Money, cost: Money, endReason: EndReason,
        usageSource: UsageSource?, admittedAt: Int64, startedAt: Int64, endedAt: Int64? = nil
    ) {
        shared = Attempt(
            Facts(
                id: id, replicaID: replicaID, caller: caller, operation: operation, requestedModel: requestedModel,
                resolvedModel: resolvedModel, provider: provider, route: route, upstreamModel: upstreamModel,
                client: client, tags: tags, admittedAt: admittedAt, startedAt: startedAt))
        self.classes = classes
        self.pricing = pricing
        self.price = price
        self.hold = hold
        self.cost = cost
        self.endReason = endReason
        self.usageSource = usageSource
        self.endedAt = endedAt
    }
}

extension LedgerEntry {
    public static func == (left: LedgerEntry, right: LedgerEntry) -> Bool {
        (left.shared === right.shared || left.facts == right.facts) && left.classes == right.classes
            && left.pricing == right.pricing && left.price == right.price && left.hold == right.hold
            && left.cost == right.cost && left.endReason == right.endReason && left.usageSource == right.usageSource
            && left.endedAt == right.endedAt
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(id)
        hasher.combine(cost)
    }
}
