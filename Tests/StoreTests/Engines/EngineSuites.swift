import Synchronization
import Testing

/// The suites that must pass equally on every engine.
@Suite(.everyEngineAlike) enum EngineSuites {}

/// The number of cases of each engine.
enum EngineCases {
    private static let counts = Mutex<[TestEngine: Int]>([:])

    static func count(_ engine: TestEngine) {
        counts.withLock { $0[engine, default: 0] += 1 }
    }

    static var all: [TestEngine: Int] { counts.withLock(\.self) }
}

/// Counts the cases of the suites within, and fails if an engine had fewer than another.
struct EveryEngineAlike: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable @concurrent () async throws -> Void
    ) async throws {
        try await function()
        let counts = EngineCases.all
        print("cases by engine: \(counts.map { "\($0.key) \($0.value)" }.sorted().joined(separator: ", "))")
        #expect(Set(TestEngine.allCases.map { counts[$0, default: 0] }).count == 1, "\(counts)")
    }
}

extension Trait where Self == EveryEngineAlike {
    static var everyEngineAlike: EveryEngineAlike { EveryEngineAlike() }
}
