import ControlSocket
import Foundation
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Testing

@Suite struct ControlSocketTests {
    @Test func `A request is answered`() async throws {
        try await withTemporaryFolder { folder in
            try await withServer(folder + "/s") { client in
                let arguments: [String: ControlValue] = [
                    "id": .string("Grüße\n"), "count": .integer(3), "list": .array([.bool(true), .null, .number(0.5)]),
                ]
                let reply = try await client.send(ControlRequest(command: "echo", arguments: arguments))
                #expect(reply == .success(.object(arguments)))
            }
        }
    }

    @Test func `The wire is a line of JSON each way`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/s"
            try await withServer(path) { _ in
                let reply = try await exchange(path, #"{"v":1,"command":"echo","arguments":{"a":"b"}}"# + "\n")
                #expect(reply == #"{"data":{"a":"b"},"ok":true}"# + "\n")
            }
        }
    }

    @Test func `A handler's refusal is told, and its other errors are not`() async throws {
        struct Canary: Error {}
        let refusal = ControlError(code: "not_found", message: "There is no such key.")
        let handler: ControlServer.Handler = { request in
            if request.command == "refuse" { throw refusal }
            throw Canary()
        }
        try await withTemporaryFolder { folder in
            try await withServer(folder + "/s", handler: handler) { client in
                let refused = try await client.send(ControlRequest(command: "refuse"))
                let failed = try await client.send(ControlRequest(command: "fail"))
                #expect(refused == .failure(refusal))
                #expect(code(failed) == "internal_error")
                #expect(!"\(failed)".contains("Canary"))
            }
        }
    }

    @Test func `Another version of the protocol is refused by name`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/s"
            try await withServer(path) { _ in
                let reply = try await exchange(path, #"{"v":2,"verb":"something else"}"# + "\n")
                #expect(reply.contains("unsupported_version"))
            }
        }
    }

    @Test(arguments: ["", "no json", "[]", "{}", #"{"v":1}"#, #"{"v":1,"command":7}"#, "\u{0}"])
    func `What is no request is refused`(line: String) async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/s"
            try await withServer(path) { _ in
                let reply = try await exchange(path, line + "\n")
                #expect(reply.contains("invalid_request"))
            }
        }
    }

    @Test func `A line over the limit is refused, and the server lives on`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/s"
            try await withServer(path) { client in
                let reply = try await exchange(path, ByteBuffer(repeating: UInt8(ascii: "x"), count: (1 << 20) + 1))
                #expect(reply.contains("request_too_large"))
                #expect(try await client.send(ControlRequest(command: "echo")) == .success(.object([:])))
            }
        }
    }

    @Test func `A long line and a long reply pass whole`() async throws {
        try await withTemporaryFolder { folder in
            try await withServer(folder + "/s") { client in
                let text = ControlValue.string(String(repeating: "x", count: 900_000))
                let reply = try await client.send(ControlRequest(command: "echo", arguments: ["text": text]))
                #expect(reply == .success(.object(["text": text])))
            }
        }
    }

    @Test func `Connections without a request do not hold up a command for long`() async throws {
        try await withTemporaryFolder { folder in
            try await withServer(folder + "/s", deadline: .seconds(20)) { client in
                var idle: [any Channel] = []
                for _ in 0..<64 {
                    idle.append(
                        try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                            .connect(unixDomainSocketPath: folder + "/s").get())
                }
                let start = ContinuousClock.now
                let reply = try await client.send(ControlRequest(command: "echo", arguments: ["a": .string("b")]))
                #expect(reply == .success(.object(["a": .string("b")])))
                #expect(.now - start < .seconds(15))
                for channel in idle { channel.close(promise: nil) }
            }
        }
    }

    /// A client that connects at that moment must not crash the gateway.
    @Test func `A server that stops may be connected to`() async throws {
        try await withTemporaryFolder { folder in
            for round in 0..<20 {
                let path = "\(folder)/\(round)"
                try await withThrowingTaskGroup(of: Void.self) { group in
                    try await withServer(path) { client in
                        _ = try await client.send(ControlRequest(command: "echo"))
                        for _ in 0..<100 {
                            group.addTask {
                                let bootstrap = ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                                // It may be too late to connect.
                                try? await bootstrap.connect(unixDomainSocketPath: path).get().close().get()
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }
    }

    @Test func `A client that ends its side after its request is answered`() async throws {
        let handler: ControlServer.Handler = { request in
            try await Task.sleep(for: .milliseconds(100))  // reason: the end of the client's side comes meanwhile
            return .success(.string(request.command))
        }
        try await withTemporaryFolder { folder in
            let path = folder + "/s"
            try await withServer(path, handler: handler) { _ in
                let request = #"{"v":1,"command":"slow","arguments":{}}"# + "\n"
                let reply = try await exchange(path, request, thenEnds: true)
                #expect(reply == #"{"data":"slow","ok":true}"# + "\n")
                let half = try await exchange(path, String(request.dropLast(5)), thenEnds: true)
                #expect(half.contains("invalid_request"))
                let none = try await exchange(path, "", thenEnds: true)
                #expect(none == "")
            }
        }
    }

    @Test func `Half a line and silence ends with the deadline`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/s"
            try await withServer(path, deadline: .milliseconds(50)) { _ in
                let reply = try await exchange(path, #"{"v":1,"comm"#)
                #expect(reply.contains("timeout"))
            }
        }
    }

    @Test func `A command that takes too long is cancelled`() async throws {
        let handler: ControlServer.Handler = { _ in
            try await Task.sleep(for: .seconds(3600))  // reason: stands for a command that never ends
            return .success(.null)
        }
        try await withTemporaryFolder { folder in
            try await withServer(folder + "/s", deadline: .milliseconds(50), handler: handler) { client in
                let reply = try await client.send(ControlRequest(command: "wait"))
                #expect(code(reply) == "timeout")
            }
        }
    }

    @Test func `Fifty clients at once are all answered`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/s"
            try await withServer(path) { client in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in Int64(0)..<50 {
                        group.addTask {
                            let arguments = ["n": ControlValue.integer(number)]
                            let reply = try await client.send(ControlRequest(command: "echo", arguments: arguments))
                            #expect(reply == .success(.object(arguments)))
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }
    }

    @Test func `Only the owner may read and write the socket`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/s"
            try await withServer(path) { _ in
                let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
                #expect(mode == 0o600)
            }
        }
    }

    @Test func `Graceful shutdown lets a running command end and removes the socket`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/s"
            let (started, start) = AsyncStream.makeStream(of: Void.self)
            let (released, release) = AsyncStream.makeStream(of: Void.self)
            let server = try ControlServer(path: path, logger: quiet) { _ in
                start.yield()
                _ = await released.first { _ in true }
                return .success(.string("done"))
            }
            let group = ServiceGroup(services: [server], logger: quiet)
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                tasks.addTask {
                    let reply = try await ControlClient(path: path, timeout: .seconds(25)).send(
                        ControlRequest(command: "x"))
                    #expect(reply == .success(.string("done")))
                }
                _ = await started.first { _ in true }
                await group.triggerGracefulShutdown()
                release.yield()
                try await tasks.waitForAll()
            }
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    private func code(_ reply: ControlReply) -> String? {
        if case .failure(let error) = reply { error.code } else { nil }
    }
}
