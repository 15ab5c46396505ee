import Database
import Foundation
import GatewayCore

/// The servers that all suites share, started on demand. Every database is a separate schema there.
actor SharedServers {
    static let shared = SharedServers()

    private struct Running {
        let server: ThrowawayServer
        let administration: PostgresDatabase
    }

    private var starts: [Bool: Task<Running, any Error>] = [:]

    /// The URL of an empty database on the server with or without an ICU locale.
    func emptyDatabase(icu: Bool) async throws -> Secret {
        let start =
            starts[icu]
            ?? Task {  // reason: several tests wait for the same start, and none owns it
                let server = try await ThrowawayServer.start(icu: icu)
                return Running(server: server, administration: try PostgresDatabase(url: server.url))
            }
        starts[icu] = start
        let running = try await start.value
        let schema = "test_" + UUID().uuidString.lowercased().replacing("-", with: "")
        try await running.administration.write { try $0.execute("CREATE SCHEMA \(schema)") }
        return Secret(running.server.url.reveal() + "?options=-csearch_path%3D\(schema)")
    }
}
