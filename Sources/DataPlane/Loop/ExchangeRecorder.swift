import GatewayCore

/// Passes every ended request to all sinks, on one event loop.
struct ExchangeRecorder {
    private let sinks: [any ExchangeSink]

    init(_ sinks: [any ExchangeSink]) {
        self.sinks = sinks
    }

    func record(_ exchange: Exchange) {
        for sink in sinks { sink.record(exchange) }
    }

    func flush() {
        for sink in sinks { sink.flush() }
    }
}
