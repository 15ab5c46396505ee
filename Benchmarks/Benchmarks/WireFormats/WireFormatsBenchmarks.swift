import Benchmark
import GatewayCore
import NIOCore
import WireFormats

/// What the gateway does with the bytes of one request and its answer. One iteration is a thousand of them; the report
/// divides by that.
let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock, .throughput], warmupIterations: 20, scalingFactor: .kilo,
        maxDuration: .seconds(5), maxIterations: 1000)

    for (name, body) in [("300 B", Samples.smallRequest), ("100 KB", Samples.largeRequest)] {
        Benchmark("Request of \(name): scan and rewrite") { benchmark in
            for _ in benchmark.scaledIterations {
                let request = try APIOperation.chat.family.scan(body)
                blackHole(request.body(body, model: "upstream-model", adjustments: .none))
            }
        }
    }

    for (name, model) in [("as it is", Samples.upstreamModel), ("with the model rewritten", "team/assistant")] {
        let request = Samples.scannedRequest(model: model, stream: false)
        let streamed = Samples.scannedRequest(model: model, stream: true)
        Benchmark("Answer of 600 B, relayed \(name)") { benchmark in
            for _ in benchmark.scaledIterations {
                var relay = request.makeRelay()
                blackHole(relay.receive(Samples.answer))
                blackHole(relay.finish())
            }
        }
        Benchmark("Stream of 60 chunks in one read, relayed \(name)") { benchmark in
            for _ in benchmark.scaledIterations {
                var relay = streamed.makeRelay()
                blackHole(relay.receive(Samples.stream))
                blackHole(relay.finish())
            }
        }
        Benchmark("Stream of 60 chunks in 60 reads, relayed \(name)") { benchmark in
            for _ in benchmark.scaledIterations {
                var relay = streamed.makeRelay()
                for chunk in Samples.chunks { blackHole(relay.receive(chunk)) }
                blackHole(relay.finish())
            }
        }
    }
}
