import Dispatch
import Foundation
import NIOCore
import Synchronization
import Telemetry
import Testing

@Suite struct LogSinkTests {
    /// Both ends of a pipe, which the test closes.
    private func makePipe() throws -> (reader: CInt, writer: CInt) {
        var ends: [CInt] = [0, 0]
        if pipe(&ends) != 0 { throw CocoaError(.fileReadUnknown) }
        return (ends[0], ends[1])
    }

    /// Reads to the end, on another thread.
    private func startReading(_ descriptor: CInt) -> @Sendable () -> String? {
        let text = Mutex("")
        let done = DispatchSemaphore(value: 0)
        let thread = Thread {
            let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
            let data = (try? handle.readToEnd()) ?? Data()
            text.withLock { $0 = String(decoding: data, as: UTF8.self) }
            done.signal()
        }
        thread.start()
        return { done.wait(timeout: .now() + .seconds(20)) == .success ? text.withLock { $0 } : nil }
    }

    @Test func `Lines of concurrent writers stay whole and in each writer's order`() throws {
        let output = try LogOutput()
        let sink = LogSink(format: .json, descriptor: output.descriptor)
        DispatchQueue.concurrentPerform(iterations: 8) { writer in
            for number in 0..<500 {
                let padding = String(repeating: "x", count: number % 100)
                sink.write(ByteBuffer(string: "\(writer) \(number) \(padding)\n"))
            }
        }
        #expect(sink.flush(within: .seconds(10)))
        var next = [Int](repeating: 0, count: 8)
        for line in try output.lines() {
            let fields = line.split(separator: " ")
            let writer = try #require(Int(fields[0]))
            let number = try #require(Int(fields[1]))
            #expect(number == next[writer])
            #expect(fields.dropFirst(2).joined() == String(repeating: "x", count: number % 100))
            next[writer] = number + 1
        }
        #expect(next == [Int](repeating: 500, count: 8))
    }

    @Test func `Lines beyond the capacity are dropped, and their number is logged`() throws {
        let pipe = try makePipe()
        let sink = LogSink(format: .json, descriptor: pipe.writer, capacity: 32 << 10)
        let line = Array((String(repeating: "x", count: 99) + "\n").utf8)
        for _ in 0..<10_000 { sink.write(line) }
        let text = startReading(pipe.reader)
        #expect(sink.flush(within: .seconds(10)))
        sink.write(line)
        #expect(sink.flush(within: .seconds(10)))
        close(pipe.writer)
        let lines = try #require(text()).split(separator: "\n")
        let written = lines.count { $0.first == "x" }
        let dropped = lines.compactMap { $0.firstMatch(of: /"dropped":(\d+)}$/) }.compactMap { Int($0.1) }
        #expect(written < 10_001)
        #expect(written + dropped.reduce(0, +) == 10_001)
    }

    @Test func `A writer is never held up by a reader that does not read`() throws {
        let pipe = try makePipe()
        let sink = LogSink(format: .json, descriptor: pipe.writer)
        // More than any pipe holds by default, and less than the sink's capacity.
        for _ in 0..<3 { sink.write([UInt8](repeating: UInt8(ascii: "\n"), count: 1 << 20)) }
        #expect(!sink.flush(within: .milliseconds(50)))
        let text = startReading(pipe.reader)
        #expect(sink.flush(within: .seconds(10)))
        close(pipe.writer)
        #expect(text() != nil)
    }

    @Test func `A non-blocking descriptor gets every line`() throws {
        let pipe = try makePipe()
        #expect(fcntl(pipe.writer, F_SETFL, O_NONBLOCK) == 0)
        let sink = LogSink(format: .json, descriptor: pipe.writer)
        let line = Array((String(repeating: "x", count: 99) + "\n").utf8)
        for _ in 0..<10_000 { sink.write(line) }
        let text = startReading(pipe.reader)
        #expect(sink.flush(within: .seconds(10)))
        close(pipe.writer)
        #expect(try #require(text()) == String(repeating: String(decoding: line, as: UTF8.self), count: 10_000))
    }

    @Test func `A reader that has left ends neither the process nor the sink`() throws {
        let pipe = try makePipe()
        close(pipe.reader)
        let sink = LogSink(format: .json, descriptor: pipe.writer)
        sink.write(Array("lost\n".utf8))
        #expect(sink.flush(within: .seconds(10)))
        sink.write(Array("lost too\n".utf8))
        #expect(sink.flush(within: .seconds(10)))
        close(pipe.writer)
    }
}
