import Foundation
import GatewayConfig
import GatewayCore
import GatewayTestSupport
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

    @Test func `What the data plane cannot serve by does not take effect`() async throws {
        try await withOperations { fixture in
            let service = try fixture.configurationService()
            let hash = await service.configurationHash
            try fixture.write(OperationsFixture.text("n"))
            fixture.dataPlane.refuse()
            await #expect(throws: FakeDataPlane.Unprepared.self) { try await service.reload() }
            let current = await service.configurationHash
            #expect(current == hash)
            #expect(fixture.dataPlane.events == [])
        }
    }

    @Test func `A change by another gateway is loaded, once`() async throws {
        try await withOperations { fixture in
            let service = try fixture.configurationService()
            _ = try await fixture.startup().attempt()
            let version = try await fixture.store.changeVersion()
            try await service.follow(.changed(version))
            #expect(fixture.dataPlane.events == [.keysInvalidated, .installed(["m"]), .stale(false)])
            try await service.follow(.changed(version))
            #expect(fixture.dataPlane.events.count { $0 == .installed(["m"]) } == 1)
            try await service.follow(.unchanged)
            #expect(fixture.dataPlane.events.count == 5)
        }
    }

    @Test func `An outage makes the gateway degraded, and a long one stale`() async throws {
        try await withOperations { fixture in
            let service = try fixture.configurationService()
            fixture.readiness.recordLoaded()
            try await service.follow(.unreachable)
            #expect(fixture.readiness.summary == (.degraded, [.database]))
            #expect(fixture.dataPlane.events == [])
            try await service.follow(.stale)
            #expect(fixture.readiness.summary == (.notReady, [.database, .stale]))
            #expect(fixture.dataPlane.events == [.stale(true)])
            try await service.follow(.changed(try await fixture.store.changeVersion()))
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
