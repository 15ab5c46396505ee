import GatewayCore
import GatewayTestSupport
import Logging
import Routing
import Store
import Testing

@Suite(.timeLimit(.minutes(1))) struct ChangeWatchTests {
    @Test func `Changes and outages are reported`() async throws {
        let findings = try await findings(count: 7, of: ScriptedSource([5, 5, 6, nil, nil, 6, 7]))
        // A version that was never seen counts as a change: what is cached may be older.
        #expect(
            findings == [
                .changed(version(5)), .unchanged, .changed(version(6)), .unreachable, .unreachable, .unchanged,
                .changed(version(7)),
            ])
    }

    @Test func `After a long outage cached data is stale, and everything is read again`() async throws {
        let source = ScriptedSource([5, nil, nil, 5, 5])
        let findings = try await findings(count: 5, of: source, maxStaleness: .nanoseconds(1))
        #expect(findings == [.changed(version(5)), .stale, .stale, .changed(version(5)), .unchanged])
    }

    @Test func `A database that never answers is unreachable, and then stale`() async throws {
        let source = SilentSource()
        let reported = Watched<[ChangeWatch.Finding]>([])
        let watch = ChangeWatch(
            source: source, interval: .milliseconds(1), maxStaleness: .milliseconds(50),
            answerLimit: .milliseconds(10), logger: silent
        ) { finding in reported.update { $0.append(finding) } }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await watch.run() }
            try await reported.wait(for: "stale", within: .seconds(10)) { $0.contains(.stale) ? () : nil }
            tasks.cancelAll()
        }
        #expect(source.asked.value <= 4, "questions that hang are bounded")
        source.gate.open()
    }

    @Test func `An announcement triggers the next poll early`() async throws {
        let (announcements, announcing) = AsyncStream.makeStream(of: Void.self)
        let source = ScriptedSource([5, 6])
        let reported = Watched<[ChangeWatch.Finding]>([])
        let watch = ChangeWatch(source: source, interval: .seconds(3600), announcements: announcements, logger: silent)
        {
            finding in
            reported.update { $0.append(finding) }
        }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await watch.run() }
            for count in 1...2 {
                try await reported.wait(for: "look \(count)", within: .seconds(10)) { $0.count >= count ? () : nil }
                announcing.yield()
            }
            tasks.cancelAll()
        }
        #expect(reported.value.prefix(2) == [.changed(version(5)), .changed(version(6))])
    }

    private let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func version(_ number: Int64) -> ChangeVersion { ChangeVersion(any: number, routing: 0) }

    private func findings(
        count: Int, of source: ScriptedSource, maxStaleness: Duration = .seconds(300)
    ) async throws -> [ChangeWatch.Finding] {
        let reported = Watched<[ChangeWatch.Finding]>([])
        let watch = ChangeWatch(source: source, interval: .milliseconds(1), maxStaleness: maxStaleness, logger: silent)
        {
            finding in
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

    func changeVersion() async throws -> ChangeVersion {
        let version = rest.update { $0.count > 1 ? $0.removeFirst() : $0[0] }
        guard let version else { throw Unreachable() }
        return ChangeVersion(any: version, routing: 0)
    }

    func find(publicID: String) async throws -> KeyRecord? { nil }
    func touch(_ lastUsed: [String: Int64]) async throws {}
}

/// Does not answer before its gate is opened, whatever is cancelled.
private struct SilentSource: KeySource {
    let gate = Gate()
    let asked = Watched(0)

    func changeVersion() async throws -> ChangeVersion {
        asked.update { $0 += 1 }
        await Task { [gate] in try? await gate.wait(within: .seconds(60)) }.value  // reason: no cancellation ends it
        return ChangeVersion(any: 1, routing: 1)
    }

    func find(publicID: String) async throws -> KeyRecord? { nil }
    func touch(_ lastUsed: [String: Int64]) async throws {}
}
