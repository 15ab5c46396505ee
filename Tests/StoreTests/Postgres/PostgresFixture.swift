import Database
import Foundation
import GatewayCore

/// Runs `body` with an empty database on the shared server.
func withPostgres(
    _ options: PostgresOptions = PostgresOptions(), parameters: String = "",
    _ body: (PostgresDatabase) async throws -> Void
) async throws {
    let url = try await SharedServers.shared.emptyDatabase(icu: false)
    let database = try PostgresDatabase(url: Secret(url.reveal() + parameters), options: options)
    try await body(database)
    try await database.close()
}

/// The defaults with one connection, so that a test knows which connection it uses.
func oneConnection() -> PostgresOptions {
    var options = PostgresOptions()
    options.maxConnections = 1
    return options
}
