public import GatewayConfig
public import Store

/// The providers and models of all gateways, and their version.
struct StoredState: Sendable {
    /// That of `ChangeVersion.routing`.
    let version: Int64
    let routing: StoredRouting
}

extension StoreReader {
    /// - Parameters:
    ///   - file: this gateway's own file.
    ///   - references: those of `file`.
    func state(file: GatewayConfiguration, references: OwnReferences) throws -> StoredState {
        StoredState(
            version: try changeVersion().routing,
            routing: StoredRouting.read(
                providers: try providers().filter { !$0.isRetired }.map(\.definition),
                models: try models().filter { !$0.isRetired }.map(\.definition), file: file, references: references))
    }
}

extension GatewayStore {
    /// The providers and models of all gateways, for a command.
    /// - Parameter file: the command's own file.
    /// - Throws: `StoreError`.
    public func routing(file: GatewayConfiguration) async throws -> StoredRouting {
        try await read { try $0.state(file: file, references: file.references) }.routing
    }
}
