import Foundation
import GatewayCore
import Testing
import WireFormats

/// A stream as a real server sent it. The file's name begins with its family.
struct Transcript: CustomTestStringConvertible {
    /// Those in `Tests/Transcripts`, whose names contain their server, and those in the folder `SLUICE_TRANSCRIPTS`:
    /// recordings of others do not belong in this repository.
    static let all: [Transcript] = {
        let own = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Transcripts")
        let further = ProcessInfo.processInfo.environment["SLUICE_TRANSCRIPTS"].map { URL(filePath: $0) }
        return [own, further].compactMap(\.self).flatMap { folder in
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
            return names.filter { $0.hasSuffix(".sse") }.sorted().compactMap { Transcript(folder.appending(path: $0)) }
        }
    }()

    let name: String
    let operation: APIOperation
    let text: String

    var testDescription: String { name }

    private init?(_ file: URL) {
        guard let text = try? String(contentsOf: file, encoding: .utf8) else { return nil }
        name = file.lastPathComponent
        operation = name.hasPrefix("chat.") ? .chat : .responses
        self.text = text
    }

    /// The expected stream for a caller that requested `model`: the same bytes except for the changes of docs/api.md.
    /// Computed with Foundation and regular expressions, event by event.
    func expected(model: String) throws -> String {
        var result = ""
        for event in text.components(separatedBy: "\n\n").dropLast() {
            guard event != "data: [DONE]" else {
                if operation == .chat { result += event + "\n\n" }
                break
            }
            let json = try Self.json(of: event)
            let type = json["type"] as? String
            if type == "error" || json["error"] is [String: Any] { break }
            result += Self.rewritten(event, json, model) + "\n\n"
            if ["response.completed", "response.incomplete", "response.failed"].contains(type) { break }
        }
        return result
    }

    private static func json(of event: String) throws -> [String: Any] {
        let data = event.split(separator: "\n").first { $0.hasPrefix("data: ") }?.dropFirst(6) ?? ""
        return try JSONSerialization.jsonObject(with: Data(data.utf8)) as? [String: Any] ?? [:]
    }

    private static func rewritten(_ event: String, _ json: [String: Any], _ model: String) -> String {
        var event = event
        for name in [json["model"], (json["response"] as? [String: Any])?["model"]].compactMap({ $0 as? String }) {
            event = event.replacing(#""model":"\#(name)""#, with: #""model":"\#(model)""#)
        }
        let choice = (json["choices"] as? [[String: Any]])?.first
        if let delta = choice?["delta"] as? [String: Any], delta["reasoning"] == nil {
            let reasoning = #/"reasoning_(content|text)":("(?:[^"\\]|\\.)*")/#
            event = event.replacing(reasoning) { "\($0.output.0),\"reasoning\":\($0.output.2)" }
        }
        if json["usage"] == nil, choice?["usage"] is [String: Any],
            let usage = event.firstMatch(of: #/"usage":(\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\})/#)
        {
            event = event.dropLast() + #","usage":\#(usage.output.1)}"#
        }
        return event
    }
}
