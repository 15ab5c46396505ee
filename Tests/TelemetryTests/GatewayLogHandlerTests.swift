import Foundation
import GatewayCore
import Logging
import Telemetry
import Testing

@Suite struct GatewayLogHandlerTests {
    /// The lines that `body` logs, without their times.
    private func lines(
        _ format: LogFormat, level: Logger.Level = .info, _ body: (Logger) -> Void
    ) throws -> [String] {
        let output = try LogOutput()
        let sink = LogSink(format: format, descriptor: output.descriptor)
        body(Logger(label: "test") { GatewayLogHandler(label: $0, sink: sink, level: level) })
        #expect(sink.flush(within: .seconds(10)))
        return try output.lines().map { line in
            line.replacing(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z/, with: "TIME", maxReplacements: 1)
        }
    }

    private func logSamples(_ logger: Logger) {
        logger.info("started", metadata: ["port": "8080", "bind": "127.0.0.1", "note": "two words"])
        logger.warning("odd\nline", metadata: ["time": "mine", "list": ["a", "b c"], "map": ["k": "v\u{1B}"]])
    }

    @Test func `Lines as JSON`() throws {
        #expect(
            try lines(.json, logSamples) == [
                #"{"time":"TIME","level":"info","message":"started","logger":"test","bind":"127.0.0.1","#
                    + #""note":"two words","port":"8080"}"#,
                #"{"time":"TIME","level":"warning","message":"odd\nline","logger":"test","list":["a","b c"],"#
                    + #""map":{"k":"v\u001b"},"metadata.time":"mine"}"#,
            ])
    }

    @Test func `Lines for people`() throws {
        #expect(
            try lines(.pretty, logSamples) == [
                #"TIME info     started logger=test bind=127.0.0.1 note="two words" port=8080"#,
                #"TIME warning  odd\nline logger=test list=["a","b c"] map={"k":"v\u001b"} metadata.time=mine"#,
            ])
    }

    @Test func `Levels below the handler's are not written`() throws {
        let lines = try lines(.pretty, level: .warning) { logger in
            logger.info("quiet")
            logger.error("loud")
        }
        #expect(lines == ["TIME error    loud logger=test"])
    }

    @Test func `Metadata of the logger, the provider and the message are merged, the message's last`() throws {
        let output = try LogOutput()
        let sink = LogSink(format: .pretty, descriptor: output.descriptor)
        let provider = Logger.MetadataProvider { ["a": "provider", "b": "provider", "c": "provider"] }
        var logger = Logger(label: "test") {
            GatewayLogHandler(label: $0, sink: sink, metadataProvider: provider)
        }
        logger[metadataKey: "a"] = "logger"
        logger[metadataKey: "d"] = "logger"
        logger.info("m", metadata: ["b": "message"])
        sink.flush(within: .seconds(10))
        #expect(try output.lines().first?.hasSuffix("m logger=test a=provider b=message c=provider d=logger") == true)
    }

    @Test(arguments: LogFormat.allCases)
    func `A secret shows its mask`(format: LogFormat) throws {
        let secret = Secret("sk-very-secret")
        let text = try lines(format) { logger in
            logger.info("key is \(secret)", metadata: ["key": "\(secret)", "list": [.string("\(secret)")]])
            logger.info("holder", metadata: ["key": .string(String(describing: [secret])), "dump": "\(["k": secret])"])
        }.joined()
        #expect(!text.contains("very-secret"))
        #expect(text.contains(Secret.mask))
    }
}
