import Benchmark
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
                let request = try ChatRequest.scan(body)
                blackHole(request.rewritten(body, model: "upstream-model", askForUsage: true))
            }
        }
    }

    for (name, model) in [("as it is", Samples.upstreamModel), ("with the model rewritten", "team/assistant")] {
        Benchmark("Answer of 600 B, relayed \(name)") { benchmark in
            for _ in benchmark.scaledIterations {
                var relay = AnswerRelay(.whole(.chat), clientModel: model)
                blackHole(relay.receive(Samples.answer))
                blackHole(relay.finish())
            }
        }
        Benchmark("Stream of 60 chunks in one read, relayed \(name)") { benchmark in
            for _ in benchmark.scaledIterations {
                var relay = AnswerRelay(.chatStream(wantsUsage: true), clientModel: model)
                blackHole(relay.receive(Samples.stream))
                blackHole(relay.finish())
            }
        }
        Benchmark("Stream of 60 chunks in 60 reads, relayed \(name)") { benchmark in
            for _ in benchmark.scaledIterations {
                var relay = AnswerRelay(.chatStream(wantsUsage: true), clientModel: model)
                for chunk in Samples.chunks { blackHole(relay.receive(chunk)) }
                blackHole(relay.finish())
            }
        }
    }
}
