import Foundation
import GatewayConfig
import Testing

@Suite("Loading a file")
struct LoadingTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "config-\(UUID().uuidString)")

    private func load(_ bytes: Data, extra: [String: String] = [:]) throws -> LoadedConfiguration {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in extra { try Data(text.utf8).write(to: folder.appending(path: name)) }
        let file = folder.appending(path: "gateway.yaml")
        try bytes.write(to: file)
        return try GatewayConfiguration.load(path: file.path, environment: [:])
    }

    private func failure(_ path: String) -> String {
        do {
            _ = try GatewayConfiguration.load(path: path, environment: [:])
            return ""
        } catch {
            return error.description
        }
    }

    @Test func `A missing file is an error that says how to name one`() {
        #expect(
            failure("/no/such.yaml")
                == "/no/such.yaml: does not exist; name a file with --config PATH or GATEWAY_CONFIG")
        #expect(failure("/") == "/: is a folder; name the file in it")
    }

    @Test func `A file and the files it refers to are read`() throws {
        let text = "database: { path: file.\(folder.path)/path.txt }"
        let loaded = try load(Data(text.utf8), extra: ["path.txt": "./other.db\n"])
        #expect(loaded.configuration.database.path == "./other.db")
    }

    @Test func `Text that is not UTF-8 is refused with its line`() throws {
        let error = try #require(throws: ConfigurationError.self) { try load(Data("a: b\nc: ".utf8) + [0xFF, 0xFE]) }
        #expect(error.issues.map(\.message) == ["is not UTF-8 text; invalid from line 2 on"])
    }
}
