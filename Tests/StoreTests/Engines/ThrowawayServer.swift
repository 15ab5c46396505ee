import Dispatch
import Foundation
import GatewayCore
import Synchronization

/// A PostgreSQL server of `script/postgres`. It ends with its last reference, or with this process.
final class ThrowawayServer: Sendable {
    struct NotStarted: Error, CustomStringConvertible {
        let description =
            "PostgreSQL's throw-away server did not start: see above, and run script/setup if it is missing"
    }

    /// Of a superuser, with its password.
    let url: Secret
    private let process: Process
    private let input = Pipe()
    private let output: LineReader

    /// - Parameter icu: whether texts are sorted by an ICU locale unless a column says otherwise.
    static func start(icu: Bool = false) async throws -> ThrowawayServer {
        try await runBlocking { try ThrowawayServer(icu: icu) }
    }

    private init(icu: Bool) throws {
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../script/postgres")
        let pipe = Pipe()
        process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["bash", script.standardizedFileURL.path, "--commands"] + (icu ? ["--icu"] : [])
        process.standardInput = input
        process.standardOutput = pipe
        try process.run()
        output = LineReader(pipe)
        guard let line = output.next() else { throw NotStarted() }
        url = Secret(line)
    }

    deinit { try? input.fileHandleForWriting.close() }

    /// Ends the server at once, as a crash does.
    func stop() async throws { try await perform("stop") }

    /// Starts it again on the same port, with its data.
    func start() async throws { try await perform("start") }

    private func perform(_ command: String) async throws {
        try await runBlocking {
            try self.input.fileHandleForWriting.write(contentsOf: Data("\(command)\n".utf8))
            guard self.output.next() == "\(command): done" else { throw NotStarted() }
        }
    }
}

/// Runs blocking work outside Swift's thread pool.
private func runBlocking<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global().async { continuation.resume(with: Swift.Result { try body() }) }
    }
}

/// The lines that another process writes.
private final class LineReader: Sendable {
    private let handle: FileHandle
    private let rest = Mutex(Data())

    init(_ pipe: Pipe) {
        handle = pipe.fileHandleForReading
    }

    /// Waits for the next line; nil at the end.
    func next() -> String? {
        rest.withLock { rest in
            while true {
                if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    defer { rest = Data(rest[(end + 1)...]) }
                    return String(decoding: rest[..<end], as: UTF8.self)
                }
                let more = handle.availableData
                guard !more.isEmpty else { return nil }
                rest += more
            }
        }
    }
}
