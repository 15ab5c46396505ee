public import Egress
public import NIOCore

/// A call before its start: over the network, or to the simulator, which has no upstream.
public enum ProviderCall: Sendable {
    case http(UpstreamRequest)
    case simulated(SimulatedRequest, SimulatorOptions)

    /// Starts the call on the pool's event loop. `receiver` gets no event before this has returned.
    public func start(
        over pool: UpstreamPool, on eventLoop: any EventLoop, receiver: any UpstreamReceiver
    ) -> any UpstreamCall {
        switch self {
        case .http(let request): pool.send(request, receiver: receiver)
        case .simulated(let request, let options):
            SimulatedCall.start(request: request, options: options, on: eventLoop, receiver: receiver)
        }
    }
}
