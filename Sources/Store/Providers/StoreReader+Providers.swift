import Database
import GatewayCore

extension StoreReader {
    /// Every provider by id, retired ones too.
    public func providers() throws -> [ProviderRecord] {
        try providers(where: "", [])
    }

    /// The provider with this id, a retired one too; nil if there is none.
    public func provider(id: String) throws -> ProviderRecord? {
        try providers(where: "WHERE id = $1", [.text(id)]).first
    }

    private func providers(where condition: String, _ arguments: [SQLValue]) throws -> [ProviderRecord] {
        try connection.query(
            "SELECT id, settings, managed_by, version, retired_at FROM providers \(condition) ORDER BY id", arguments
        ).map { row in
            ProviderRecord(
                definition: ProviderDefinition(id: try row.text("id"), settings: try row.text("settings")),
                managedBy: try row.enumValue("managed_by"), version: try row.int64("version"),
                isRetired: try row.optionalInt64("retired_at") != nil)
        }
    }
}
