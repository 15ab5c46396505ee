import ControlSocket
import Dispatch
import Foundation
import Glibc
import Logging
import Synchronization
import Testing

/// The creation of the socket, with various existing files.
@Suite struct ControlSocketFileTests {
    @Test func `A socket that a dead process left is replaced`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/s"
            leaveSocket(path)
            #expect(FileManager.default.fileExists(atPath: path))
            try await withServer(path) { client in
                let reply = try await client.send(ControlRequest(command: "echo"))
                #expect(reply == .success(.object([:])))
            }
        }
    }

    @Test func `A live socket is left alone`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/s"
            try await withServer(path) { client in
                #expect(throws: ControlSocketError.alreadyInUse(path: path)) {
                    try ControlServer(path: path, logger: quiet, handler: echo)
                }
                let reply = try await client.send(ControlRequest(command: "echo"))
                #expect(reply == .success(.object([:])))
            }
        }
    }

    @Test func `Of many servers at once, one gets the socket`() async throws {
        try await withTemporaryFolder { folder in
            for round in 0..<200 {
                let path = folder + "/\(round)"
                leaveSocket(path)
                let servers = Mutex<[ControlServer]>([])
                DispatchQueue.concurrentPerform(iterations: 4) { _ in
                    guard let server = try? ControlServer(path: path, logger: quiet, handler: echo) else { return }
                    servers.withLock { $0.append(server) }
                }
                #expect(servers.withLock(\.count) == 1)
            }
        }
    }

    @Test func `Another kind of file is left alone`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/s"
            try "precious".write(toFile: path, atomically: false, encoding: .utf8)
            #expect(throws: ControlSocketError.notASocket(path: path)) {
                try ControlServer(path: path, logger: quiet, handler: echo)
            }
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
        }
    }

    @Test func `A path that is too long is refused with the limit`() throws {
        let path = "/tmp/" + String(repeating: "x", count: 99)
        #expect(path.utf8.count == 104)
        #expect(throws: ControlSocketError.pathTooLong(path: path, limit: 103)) {
            try ControlServer(path: path, logger: quiet, handler: echo)
        }
    }

    @Test func `The longest path works`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/" + String(repeating: "x", count: 102 - folder.utf8.count)
            #expect(path.utf8.count == 103)
            try await withServer(path) { client in
                let reply = try await client.send(ControlRequest(command: "echo"))
                #expect(reply == .success(.object([:])))
            }
        }
    }

    @Test func `A missing folder is told`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/absent/s"
            #expect(throws: ControlSocketError.failed(path: path, reason: "No such file or directory")) {
                try ControlServer(path: path, logger: quiet, handler: echo)
            }
        }
    }

    @Test func `A server that never ran leaves no socket`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/s"
            _ = try ControlServer(path: path, logger: quiet, handler: echo)
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    @Test func `Without a gateway the client says so`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/s"
            let request = ControlRequest(command: "echo")
            await #expect(throws: ControlClientError.notListening) { try await ControlClient(path: path).send(request) }
            leaveSocket(path)
            await #expect(throws: ControlClientError.notListening) { try await ControlClient(path: path).send(request) }
            let long = String(repeating: "x", count: 200)
            await #expect(throws: ControlClientError.notListening) { try await ControlClient(path: long).send(request) }
        }
    }

    @Test func `A gateway that does not answer times out`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/s"
            // It listens, but no server runs.
            let server = try ControlServer(path: path, logger: quiet, handler: echo)
            await #expect(throws: ControlClientError.timeout) {
                try await ControlClient(path: path, timeout: .milliseconds(50)).send(ControlRequest(command: "echo"))
            }
            withExtendedLifetime(server) {}
        }
    }

    /// The mode of the file is loosened, so that the server refuses. Only root can become another user for this.
    @Test(.enabled(if: geteuid() == 0))
    func `Another user is refused`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/s"
            try await withServer(path) { _ in
                chmod(path, 0o666)
                await #expect(processExitsWith: .success) { [path = path as String] in
                    #expect(seteuid(65534) == 0)
                    let reply = try await ControlClient(path: path, timeout: .seconds(30)).send(
                        ControlRequest(command: "echo"))
                    guard case .failure(let error) = reply else {
                        Issue.record("\(reply)")
                        return
                    }
                    #expect(error.code == "forbidden")
                }
            }
        }
    }

    /// The socket of a process that was killed while it listened.
    private func leaveSocket(_ path: String) {
        let descriptor = socket(AF_UNIX, CInt(bitPattern: SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        #expect(result == 0)
        close(descriptor)
    }
}
