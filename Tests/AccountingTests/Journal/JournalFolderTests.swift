import Accounting
import Foundation
import Testing

@Suite struct JournalFolderTests {
    @Test func `The folder is created for its owner only`() throws {
        let fixture = JournalFixture()
        _ = try fixture.open()
        let mode = try FileManager.default.attributesOfItem(atPath: fixture.path)[.posixPermissions] as? Int
        #expect(mode == 0o700)
    }

    @Test func `A folder without a parent is refused, and named`() throws {
        let error = #expect(throws: JournalError.self) {
            try JournalFixture().open(
                JournalSettings(path: "/missing/journal", replicaID: "r", loops: 1, clock: JournalFixture.clock))
        }
        #expect(error?.description.contains("/missing/journal") == true)
    }

    @Test(arguments: ["", "a/b", "../x", String(repeating: "a", count: 64)])
    func `An id that is no part of a file's name is refused`(id: String) throws {
        let fixture = JournalFixture()
        #expect(throws: JournalError.invalidID(id)) { try fixture.open(fixture.settings(replica: id)) }
        let journal = try fixture.open()
        #expect(throws: JournalError.invalidID(id)) { try journal.start(databaseID: id) }
    }

    @Test func `A folder that another process uses is refused, and named`() async throws {
        let fixture = JournalFixture()
        try FileManager.default.createDirectory(atPath: fixture.path, withIntermediateDirectories: false)
        let other = Process()
        other.executableURL = URL(filePath: "/usr/bin/flock")
        other.arguments = ["--no-fork", fixture.path, "sh", "-c", "echo locked; exec sleep 60"]
        let output = Pipe()
        other.standardOutput = output
        try other.run()
        defer { other.terminate() }
        #expect(output.fileHandleForReading.availableData == Data("locked\n".utf8))
        let error = #expect(throws: JournalError.locked(path: fixture.path)) { try fixture.open() }
        #expect(error?.description.contains(fixture.path) == true)
    }

    @Test func `While a journal is open no other process gets its folder`() throws {
        let fixture = JournalFixture()
        let journal = try fixture.open()
        let other = Process()
        other.executableURL = URL(filePath: "/usr/bin/flock")
        other.arguments = ["--nonblock", fixture.path, "true"]
        try other.run()
        other.waitUntilExit()
        #expect(other.terminationStatus == 1)
        #expect(throws: JournalError.locked(path: fixture.path)) { try fixture.open() }
        withExtendedLifetime(journal) {}
    }

    @Test func `Segments are smaller where there are many loops for the space`() {
        func size(_ maxBytes: Int, _ loops: Int) -> Int {
            JournalSettings(path: "j", maxBytes: maxBytes, replicaID: "r", loops: loops, clock: JournalFixture.clock)
                .segmentBytes
        }
        #expect(size(1 << 30, 2) == 16 << 20)
        #expect(size(1 << 30, 64) == 4 << 20)
        #expect(size(32 << 20, 2) == 4 << 20)
        #expect(size(32 << 20, 1000) == 128 << 10)
    }
}
