import Egress
import GatewayConfig
import Operations

extension HTTPClients {
    /// The way out that providers have, too.
    init(_ egress: EgressConfiguration) {
        let proxy = egress.proxy.map {
            EgressProxy(host: $0.host, port: $0.port, credentials: egress.credentials)
        }
        self.init(proxy: proxy, reachesDirectly: egress.reachesDirectly)
    }
}

extension HTTPPriceList {
    init(_ configuration: PriceCatalogConfiguration, clients: HTTPClients) {
        self.init(configuration.url, clients: clients, timeout: .seconds(configuration.timeoutSeconds))
    }
}
