public import Egress
public import GatewayCore
import Synchronization
import WireFormats

/// A provider without an upstream, for trying the gateway, demos and load tests. It takes the same way through the
/// pipeline as every other, and says in each answer that it is simulated.
public final class SimulatorProvider: Provider {
    public let id: String
    public let timeouts: ProviderTimeouts
    /// Nothing is billed, so nothing is to be learnt.
    public let drainsAfterDisconnect = false
    public let credentials: any CredentialSource = StaticCredential(nil)
    public let secrets: [Secret] = []
    public let availability = ProviderAvailability.ready(.openAI)
    private let options: SimulatorOptions
    private let calls = Atomic<UInt64>(0)

    public init(id: String, options: SimulatorOptions, timeouts: ProviderTimeouts = ProviderTimeouts()) {
        self.id = id
        self.options = options
        self.timeouts = timeouts
    }

    public func prepare(
        _ attempt: AttemptRequest, credential: BoundCredential?
    ) throws(GatewayError) -> PreparedAttempt {
        let request = attempt.request
        let body = request.body(attempt.body, model: attempt.upstreamModel, adjustments: attempt.adjustments)
        let ordinal = calls.wrappingAdd(1, ordering: .relaxed).oldValue
        return PreparedAttempt(
            call: .simulated(SimulatedRequest(request.operation, body: body, ordinal: ordinal), options),
            expected: .uncompressed, relay: request.makeRelay(),
            errors: OpenAIErrorReader(provider: id))
    }
}
