import Egress
import GatewayConfig
import GatewayCore
import NIOCore
import Providers

/// Creates the adapters of the configured providers.
enum ProviderFactory {
    /// Omits providers of a kind that this release cannot call; loading the configuration has warned about them. A
    /// provider that cannot be set up is unavailable, with the reason.
    static func providers(
        _ configurations: [ProviderConfiguration], egress: EgressConfiguration
    ) -> [any Provider] {
        configurations.compactMap { configuration in
            let timeouts = ProviderTimeouts(configuration.timeouts)
            switch configuration.kind {
            case .openAICompatible(let upstream):
                return openAICompatible(configuration, upstream, egress: egress, timeouts: timeouts)
            case .simulator(let simulator):
                return SimulatorProvider(id: configuration.id, options: .init(simulator), timeouts: timeouts)
            case .vertex: return nil
            }
        }
    }

    private static func openAICompatible(
        _ configuration: ProviderConfiguration, _ upstream: OpenAICompatibleConfiguration,
        egress: EgressConfiguration, timeouts: ProviderTimeouts
    ) -> OpenAICompatibleProvider {
        let address = upstream.baseURL
        var authentication = authentication(configuration, upstream.auth)
        var tls: UpstreamTLS?
        if address.scheme == .https {
            do throws(UpstreamFailure) {
                tls = try UpstreamTLS(trustRoots: upstream.trustRoots?.pem.value?.reveal())
            } catch {
                authentication = .missing("\(error.reason); check tls.ca_path")
            }
        }
        return OpenAICompatibleProvider(
            id: configuration.id,
            origin: UpstreamOrigin(
                host: address.host, port: address.port, tls: tls, proxy: EgressProxy(egress, to: address.host)),
            pathPrefix: address.pathPrefix, authentication: authentication,
            defaultHeaders: configuration.defaultHeaders.map { ($0.name, $0.value) }, timeouts: timeouts,
            drainsAfterDisconnect: configuration.onClientDisconnect == .drain)
    }

    private static func authentication(
        _ configuration: ProviderConfiguration, _ auth: UpstreamAuth
    ) -> OpenAICompatibleProvider.Authentication {
        if let reason = configuration.unavailableReason { return .missing(reason) }
        return switch (auth, auth.credential?.credential) {
        case (_, .missing(let reason)): .missing(reason)
        case (.bearer, .value(let token)): .bearer(token)
        case (.header(let name, _), .value(let value)): .header(name: name, value)
        case (.none, _), (_, nil): .none
        }
    }
}

extension EgressProxy {
    /// The proxy on the way to `host`; nil for the direct way.
    fileprivate init?(_ egress: EgressConfiguration, to host: String) {
        guard let proxy = egress.proxy, !egress.reachesDirectly(host) else { return nil }
        self.init(host: proxy.host, port: proxy.port, credentials: egress.credentials)
    }
}

extension ProviderTimeouts {
    fileprivate init(_ configuration: TimeoutConfiguration) {
        self.init(
            connect: .milliseconds(Int64(configuration.connect)), head: .milliseconds(Int64(configuration.head)),
            streamHead: .milliseconds(Int64(configuration.streamHead)), idle: .milliseconds(Int64(configuration.idle)),
            total: configuration.total.map { .milliseconds(Int64($0)) },
            firstContent: configuration.firstContent.map { .milliseconds(Int64($0)) })
    }
}

extension SimulatorOptions {
    fileprivate init(_ configuration: SimulatorConfiguration) {
        self.init(
            latencyMilliseconds: configuration.latencyMilliseconds,
            tokensPerSecond: configuration.tokensPerSecond, failureRate: configuration.failureRate,
            truncateRate: configuration.truncateRate, seed: UInt64(configuration.seed))
    }
}
