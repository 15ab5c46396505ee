import Foundation
import GatewayConfig
import Testing

@Suite("The files in the repository")
struct RepositoryFilesTests {
    private static let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(
        separator: "/")

    @Test func `gateway.yaml needs nothing from outside and warns of nothing`() throws {
        let loaded = try GatewayConfiguration.load(path: "\(Self.root)/gateway.yaml", environment: [:])
        #expect(loaded.warnings == [])
        #expect(loaded.configuration.server.bind.isLoopback)
        #expect(loaded.configuration.database.isLocal)
        #expect(loaded.configuration.auth.bootstrapAdmin.isEnabled)
        #expect(!loaded.configuration.auth.bootstrapAdmin.requiresPasswordChange)
        #expect(loaded.configuration.models.contains { $0.aliasOf != nil })
    }

    @Test func `gateway.prod.yaml needs its secrets, and names each that is not set`() throws {
        let path = "\(Self.root)/gateway.prod.yaml"
        let environment = [
            "POSTGRES_URL": "postgres://gateway:x@db/gateway", "GATEWAY_API_KEY": seedKey, "OPENAI_API_KEY": "x",
            "GATEWAY_BOOTSTRAP_ADMIN_PASSWORD": "x",
        ]
        let loaded = try GatewayConfiguration.load(path: path, environment: environment)
        #expect(loaded.configuration.database.kind == .postgres)
        #expect(loaded.configuration.auth.bootstrapAdmin.requiresPasswordChange)
        #expect(loaded.configuration.providers.allSatisfy { $0.unavailableReason == nil })
        for name in ["POSTGRES_URL", "GATEWAY_API_KEY", "GATEWAY_BOOTSTRAP_ADMIN_PASSWORD"] {
            var incomplete = environment
            incomplete[name] = nil
            let error = #expect(throws: ConfigurationError.self) {
                try GatewayConfiguration.load(path: path, environment: incomplete)
            }
            #expect(error?.issues.first?.message.hasPrefix("\(name) is not set") == true)
        }
    }

    @Test func `The reference names every key`() throws {
        let text = try String(contentsOfFile: "\(Self.root)/docs/configuration-reference.md", encoding: .utf8)
        let rendered = try load(ExampleDocument.text, environment: ExampleDocument.environment).configuration.rendered()
        let keys = Set(rendered.matches(of: /(?m)^[ -]*([a-z_]+):/).map { String($0.output.1) })
        #expect(keys.count > 90)
        for key in keys.sorted() where text.firstRange(of: key) == nil {
            Issue.record("\(key) is not in the reference")
        }
    }
}
