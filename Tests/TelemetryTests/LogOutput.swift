import Foundation

/// A file for the output of a sink.
final class LogOutput {
    let descriptor: CInt
    private let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "log-\(UUID().uuidString)")
        descriptor = open(url.path, O_CREAT | O_WRONLY | O_APPEND, 0o600)
        if descriptor < 0 { throw CocoaError(.fileWriteUnknown) }
    }

    deinit {
        close(descriptor)
        unlink(url.path)
    }

    func lines() throws -> [String] {
        try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map(String.init)
    }
}
