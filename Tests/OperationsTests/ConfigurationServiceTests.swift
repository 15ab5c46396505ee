import Foundation
import GatewayConfig
import GatewayCore
import GatewayTestSupport
import Glibc
import Operations
import Provisioning
import Routing
import Store
import Testing

@Suite(.timeLimit(.minutes(1))) struct ConfigurationServiceTests {
    @Test func `A reload writes the file into the database, and takes effect`() async throws {
        try await withOperations { fixture in
            let service = try fixture.configurationService()
            let before = await service.configurationHash
            let first = try await service.reload()
            #expect(fixture.dataPlane.events == [.installed(["m"]), .keysInvalidated])
            #expect(first.seeded.models.created == ["m"] && first.needRestart == [])

            try fixture.write(OperationsFixture.text("m", "n", more: "server: { bind: 127.0.0.1:9 }\n"))
            let second = try await service.reload()
            #expect(second.seeded.models.created == ["n"])
            #expect(second.needRestart == ["server"])
            let after = await service.configurationHash
            #expect(after == second.configurationHash && after != before)
            let models = try await fixture.storedModels()
            #expect(models == ["m", "n"])
            let visible = fixture.live.current.models.visible(to: .all)
            #expect(visible.map(\.id).sorted() == ["m", "n"])
        }
    }

    @Test func `A file with errors changes nothing`() async throws {
        try await withOperations { fixture in
            let service = try fixture.configurationService()
            _ = try await service.reload()
            let (hash, events) = (await service.configurationHash, fixture.dataPlane.events)
            try fixture.write("models: [{ id: n, routes: [{ provider: none }] }]\n")
            await #expect(throws: ConfigurationError.self) { try await service.reload() }
            let current = await service.configurationHash
            #expect(current == hash)
            #expect(fixture.dataPlane.events == events)
            let models = try await fixture.storedModels()
            #expect(models == ["m"])
        }
    }

    @Test func `A change by another gateway is loaded, once`() async throws {
        try await withOperations { fixture in
            let service = try fixture.configurationService()
            _ = try await fixture.startup().attempt()
            let version = try await fixture.store.changeVersion()
            try await following(service) {
                await service.follow(.changed(version))
                try await fixture.dataPlane.recorded.wait(for: "routing", within: .seconds(10)) { events in
                    events.contains(.installed(["m"])) ? () : nil
                }
                await service.follow(.changed(version))
                await service.follow(.unchanged)
            }
            #expect(fixture.dataPlane.events.count { $0 == .installed(["m"]) } == 1)
            #expect(fixture.dataPlane.events.count { $0 == .keysInvalidated } == 2)
        }
    }

    @Test func `A change that cannot take effect is tried again, and logged once`() async throws {
        try await withOperations { fixture in
            let service = try fixture.configurationService()
            _ = try await service.reload()
            try await fixture.spoil(model: "m")
            let spoiled = try await fixture.store.changeVersion()
            try await following(service) {
                await service.follow(.changed(spoiled))
                try await fixture.log.lines.wait(for: "error", within: .seconds(10)) { lines in
                    lines.contains { $0.hasPrefix("error: Could not apply the change") } ? () : nil
                }
                #expect(fixture.live.current.models.visible(to: .all).map(\.id) == ["m"], "what was in effect stays")
                // Keys are refused and stale data is accepted again although the change is not in effect.
                #expect(fixture.dataPlane.events.suffix(2) == [.keysInvalidated, .stale(false)])
                _ = try await FileSeeding.seed(
                    try GatewayConfiguration.parse(
                        text: OperationsFixture.text("m", "n"), file: "x", environment: [:], readFile: { _ in "" }
                    ).configuration, into: fixture.store)
                try await fixture.dataPlane.recorded.wait(for: "routing", within: .seconds(10)) { events in
                    events.contains(.installed(["m", "n"])) ? () : nil
                }
            }
            #expect(fixture.log.lines.value.count { $0.hasPrefix("error: ") } == 1)
        }
    }

    @Test func `A start leaves out what cannot be read, and says so`() async throws {
        try await withOperations(OperationsFixture.text("m", "n")) { fixture in
            _ = try await fixture.startup().attempt()
            try await fixture.spoil(model: "n")
            try await fixture.configurationService().loadFirst()
            #expect(fixture.dataPlane.events == [.installed(["m"]), .stale(false)])
            #expect(fixture.log.lines.value.contains { $0.hasPrefix("error: A stored entry cannot be read.") })
        }
    }

    /// A file that hangs, as on a network mount whose server is gone.
    @Test func `A secret that cannot be read makes its provider unavailable, and holds up nothing else`() async throws {
        try await withOperations { fixture in
            let pipe = fixture.folder.appending(path: "pipe").path
            let more = """
                  - { id: p, type: openai_compat, base_url: "http://x", pricing_provider_id: openai, auth: { kind: bearer, token: file.\(pipe) } }
                """
            try "secret".write(toFile: pipe, atomically: false, encoding: .utf8)
            let text = OperationsFixture.text("m").replacing("models:", with: more + "\nmodels:")
            try fixture.write(text)
            let service = try fixture.configurationService()
            _ = try await service.reload()
            try FileManager.default.removeItem(atPath: pipe)
            #expect(mkfifo(pipe, 0o600) == 0)
            // Opens the pipe at the end, so that the abandoned reader ends, too.
            defer { close(open(pipe, O_RDWR | O_NONBLOCK)) }
            try await following(service) {
                let before = fixture.dataPlane.events.count
                try await fixture.store.transaction(by: Seeder.actor) { try $0.refreshGateways() }
                await service.follow(.changed(try await fixture.store.changeVersion()))
                #expect(fixture.dataPlane.events.dropFirst(before) == [.keysInvalidated, .stale(false)])
                await service.follow(.stale)
                #expect(fixture.dataPlane.events.last == .stale(true))
                try await fixture.log.lines.wait(for: "warning", within: .seconds(30)) { lines in
                    lines.contains { $0.contains("A provider cannot be used") && $0.contains("provider=p") } ? () : nil
                }
            }
        }
    }

    /// Runs `body` while `service` follows changes.
    private func following(_ service: ConfigurationService, _ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await service.followChanges(retryInterval: .milliseconds(10)) }
            try await body()
            tasks.cancelAll()
        }
    }

    @Test func `An outage makes the gateway degraded, and a long one stale`() async throws {
        try await withOperations { fixture in
            let service = try fixture.configurationService()
            fixture.readiness.recordLoaded()
            await service.follow(.unreachable)
            #expect(fixture.readiness.summary == (.degraded, [.database]))
            #expect(fixture.dataPlane.events == [])
            await service.follow(.stale)
            #expect(fixture.readiness.summary == (.notReady, [.database, .stale]))
            #expect(fixture.dataPlane.events == [.stale(true)])
            await service.follow(.changed(try await fixture.store.changeVersion()))
            #expect(fixture.readiness.summary == (.ready, []))
            #expect(fixture.dataPlane.events.last == .stale(false))
        }
    }

    @Test func `A provider without its credential is logged once, and again when it has it`() async throws {
        let key = "/key"
        let provider = { (folder: String) in
            "providers: [{ id: p, type: openai_compat, base_url: \"http://x\", auth: { kind: bearer, token: file.\(folder)\(key) } }]\n"
        }
        try await withOperations { fixture in
            let folder = fixture.folder.path
            try fixture.write(provider(folder))
            let service = try fixture.configurationService()
            _ = try await service.reload()
            _ = try await service.reload()
            #expect(fixture.log.lines.value.filter { $0.contains("cannot be used") }.count == 1)
            try "secret".write(toFile: folder + key, atomically: false, encoding: .utf8)
            _ = try await service.reload()
            #expect(fixture.log.lines.value.last == "notice: A provider can be used again. provider=p")
        }
    }

    /// The 30 s of a control command end it by cancelling it.
    @Test func `A reload that hangs ends when it is cancelled, and so do those behind it`() async throws {
        try await withOperations { fixture in
            let service = try fixture.configurationService()
            fixture.dataPlane.gate.update { $0 = false }
            let hanging = Task { try await service.reload() }
            try await fixture.dataPlane.recorded.wait(for: "reload", within: .seconds(10)) { $0.isEmpty ? nil : () }
            let behind = Task { try await service.reload() }
            for reload in [hanging, behind] {
                reload.cancel()
                await #expect(throws: CancellationError.self) { try await reload.value }
            }
            #expect(fixture.dataPlane.events == [.installed(["m"])], "the one behind it has not begun")
            fixture.dataPlane.gate.update { $0 = true }
            _ = try await service.reload()
            let installed: [FakeDataPlane.Event] = [.installed(["m"]), .keysInvalidated]
            #expect(
                fixture.dataPlane.events == installed + installed, "the first came to its end, the second never ran")
        }
    }

    @Test func `No reload waits without end for one that hangs`() async throws {
        try await withOperations { fixture in
            let service = try fixture.configurationService(changeLimit: .seconds(3))
            fixture.dataPlane.gate.update { $0 = false }
            for _ in 0..<2 { await #expect(throws: ChangeTimeout.self) { try await service.reload() } }
            #expect(fixture.dataPlane.events == [.installed(["m"])])
            fixture.dataPlane.gate.update { $0 = true }
            try await fixture.log.lines.wait(for: "outcome", within: .seconds(10)) { lines in
                lines.contains { $0.contains("took too long has ended") && $0.contains("it took effect") } ? () : nil
            }
            _ = try await service.reload()
        }
    }

    @Test func `Reloads at once do not overtake each other`() async throws {
        try await withOperations { fixture in
            let service = try fixture.configurationService()
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for _ in 0..<10 { tasks.addTask { _ = try await service.reload() } }
                try await tasks.waitForAll()
            }
            let expected: [FakeDataPlane.Event] = [.installed(["m"]), .keysInvalidated]
            #expect(fixture.dataPlane.events == Array(repeating: expected, count: 10).flatMap(\.self))
        }
    }
}
