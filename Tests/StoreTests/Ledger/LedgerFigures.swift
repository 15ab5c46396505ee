import Database
import Foundation
import GatewayCore
import Store
import Testing

/// The cost of writing entries, for docs/pricing-and-accounting.md: `script/proof spend`. Not part of the ordinary
/// tests, because it asserts no speed.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["SLUICE_SPEND_FIGURES"] != nil), .serialized)
struct LedgerFigures {
    @Test(arguments: [TestEngine.sqlite, .postgres], [50, 250, 500])
    func `Entries per second and the CPU of each`(engine: TestEngine, batch: Int) async throws {
        try await engine.withStore { store, _ in
            let batches = (0..<(20_000 / batch)).map { number -> [LedgerEntry] in
                var history = SpendHistory(seed: UInt64(number))
                return history.entries(batch, hours: number..<(number + 1))
            }
            let cpu = cpuMicroseconds()
            let start = ContinuousClock.now
            for entries in batches { try await store.ledger.apply(entries) }
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            let each = Double(cpuMicroseconds() - cpu) / 20_000
            print(
                "figures: \(engine), batches of \(batch): \(Int(20_000 / seconds)) entries/s,",
                "\(Int(each.rounded())) µs of CPU each (without a server's)")
            #expect(seconds > 0)
        }
    }
}

/// Of this process, without the server.
private func cpuMicroseconds() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    let (user, system) = (usage.ru_utime, usage.ru_stime)
    return (Int(user.tv_sec) + Int(system.tv_sec)) * 1_000_000 + Int(user.tv_usec) + Int(system.tv_usec)
}
