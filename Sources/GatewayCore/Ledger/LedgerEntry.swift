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

    public let id: ID
    /// The id of the gateway's run that made the attempt.
    public var replicaID: String
    /// The owner at the request's arrival.
    public var caller: Caller
    public var operation: APIOperation
    public var requestedModel: String
    public var resolvedModel: String
    /// The provider's id in the configuration, such as `openai`.
    public var provider: String
    public var route: String
    public var upstreamModel: String
    /// What the caller's software says about itself.
    public var client: ClientFacts
    /// The caller's labels (`RequestTags.all`); keys are unique.
    public var tags: [RequestTags.Tag]

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

    /// Microseconds since 1970 UTC, as all times of an entry. Decides the budget window.
    public var admittedAt: Int64
    /// When the attempt started.
    public var startedAt: Int64
    /// When the attempt ended; nil if the gateway did not live to see it.
    public var endedAt: Int64?

    public init(
        id: ID, replicaID: String, caller: Caller, operation: APIOperation, requestedModel: String,
        resolvedModel: String, provider: String, route: String, upstreamModel: String,
        client: ClientFacts = ClientFacts(), tags: [RequestTags.Tag] = [], classes: TokenClasses = TokenClasses(),
        pricing: PricingStatus, price: AppliedPrice? = nil, hold: Money, cost: Money, endReason: EndReason,
        usageSource: UsageSource?, admittedAt: Int64, startedAt: Int64, endedAt: Int64? = nil
    ) {
        self.id = id
        self.replicaID = replicaID
        self.caller = caller
        self.operation = operation
        self.requestedModel = requestedModel
        self.resolvedModel = resolvedModel
        self.provider = provider
        self.route = route
        self.upstreamModel = upstreamModel
        self.client = client
        self.tags = tags
        self.classes = classes
        self.pricing = pricing
        self.price = price
        self.hold = hold
        self.cost = cost
        self.endReason = endReason
        self.usageSource = usageSource
        self.admittedAt = admittedAt
        self.startedAt = startedAt
        self.endedAt = endedAt
    }
}
