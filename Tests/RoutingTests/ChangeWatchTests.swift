import GatewayCore
import GatewayTestSupport
import Logging
import Routing
import Testing

@Suite(.timeLimit(.minutes(1))) struct ChangeWatchTests {
    @Test func tellsChangesAndAbsences() async throws {
        let looks: [Int64?] = [5, 5, 6, nil, nil, 6, 7]
        let findings = try await findings(count: looks.count, of: ScriptedSource(looks))
        // A version that was never seen counts as a change: what is cached may be older.
        #expect(
            findings == [.changed, .unchanged, .changed, .unreachable, .unreachable, .unchanged, .changed])
    }

    private func findings(count: Int, of source: ScriptedSource) async throws -> [ChangeWatch.Finding] {
        let reported = Watched<[ChangeWatch.Finding]>([])
        let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let watch = ChangeWatch(source: source, interval: .milliseconds(1), logger: silent) { finding in
            reported.update { $0.append(finding) }
        }
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await watch.run() }
            let found = try await reported.wait(for: "\(count) findings", within: .seconds(10)) { findings in
                findings.count >= count ? Array(findings.prefix(count)) : nil
            }
            tasks.cancelAll()
            return found
        }
    }
}

/// Gives one version after the other, the last one again and again; nil is a database that cannot be reached.
private struct ScriptedSource: KeySource {
    struct Unreachable: Error {}

    private let rest: Watched<[Int64?]>

    init(_ looks: [Int64?]) {
        rest = Watched(looks)
    }

    func changeVersion() async throws -> Int64 {
        let version = rest.update { $0.count > 1 ? $0.removeFirst() : $0[0] }
        guard let version else { throw Unreachable() }
        return version
    }

    func find(publicID: String) async throws -> KeyRecord? { nil }
    func touch(_ lastUsed: [String: Int64]) async throws {}
}
