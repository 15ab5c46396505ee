import Accounting
import GatewayCore
import NIOCore
import NIOPosix
import Synchronization

/// Attempts on an event loop that begin, end or are cancelled at random, a few of them after long, and what became of
/// each. The entry of an attempt follows from its number, so that a row is checked to the last bit.
final class PowerWorkload: Sendable {
    /// What has certainly happened, or may have.
    struct Attempts: Sendable {
        /// By number, from `first` on.
        fileprivate(set) var states: [State] = []
        let first: Int

        enum State: UInt8, Sendable {
            case begun, settled, cancelled
        }

        var numbers: Range<Int> { first..<first + states.count }

        subscript(number: Int) -> State? {
            numbers.contains(number) ? states[number - first] : nil
        }
    }

    private struct Model {
        /// Updated after the journal has returned.
        var done: Attempts
        /// Updated before the journal is called.
        var possible: Attempts
    }

    private final class Loop {
        let writer: JournalWriter
        var random: SplitMix
        var open: [(number: Int, ticket: JournalTicket)] = []
        var refused = 0

        init(_ writer: JournalWriter, seed: UInt64) {
            self.writer = writer
            random = SplitMix(state: seed)
        }
    }

    private let model: Mutex<Model>
    private let loop: any EventLoop
    private let state: NIOLoopBound<Loop>

    static func intent(_ number: Int) -> LedgerEntry { .intent(number) }
    static func final(_ number: Int) -> LedgerEntry { LedgerEntry.intent(number).settled(cost: Int64(number)) }
    static func number(of entry: LedgerEntry) -> Int { Int(entry.admittedAt - 1_790_000_000_000_000) }

    init(_ journal: Journal, first: Int, seed: UInt64) async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        self.loop = loop
        model = Mutex(Model(done: Attempts(first: first), possible: Attempts(first: first)))
        state = try await loop.submit {
            NIOLoopBound(Loop(journal.makeWriter(on: loop), seed: seed), eventLoop: loop)
        }.get()
    }

    var done: Attempts { model.withLock { $0.done } }
    var possible: Attempts { model.withLock { $0.possible } }

    /// Makes a few steps each half millisecond, until the returned task is cancelled.
    func start() async throws -> RepeatedTask {
        try await loop.submit { [self] in
            loop.scheduleRepeatedTask(initialDelay: .zero, delay: .microseconds(500)) { [self] _ in
                let loop = state.value
                for _ in 0..<Int.random(in: 1...8, using: &loop.random) { step(loop) }
            }
        }.get()
    }

    private func step(_ loop: Loop) {
        if loop.open.count < 5 || loop.open.count < 40 && Bool.random(using: &loop.random) { return begin(loop) }
        // The first of them stay open for long, so that they move from segment to segment.
        let isLong = Int.random(in: 0..<200, using: &loop.random) > 0
        let index = Int.random(in: (isLong ? 4 : 0)..<loop.open.count, using: &loop.random)
        let (number, ticket) = loop.open.remove(at: index)
        if Int.random(in: 0..<10, using: &loop.random) == 0 {
            set(number, .cancelled) { loop.writer.cancel(ticket) }
        } else {
            set(number, .settled) { loop.writer.settle(ticket, Self.final(number)) }
        }
    }

    private func begin(_ loop: Loop) {
        let number = model.withLock { model in
            defer { model.possible.states.append(.begun) }
            return model.possible.numbers.upperBound
        }
        do {
            let ticket = try loop.writer.begin(Self.intent(number))
            model.withLock { $0.done.states.append(.begun) }
            loop.open.append((number, ticket))
        } catch {
            model.withLock { _ = $0.possible.states.removeLast() }
            loop.refused += 1
        }
    }

    private func set(_ number: Int, _ state: Attempts.State, _ work: () -> Void) {
        model.withLock { $0.possible.states[number - $0.possible.first] = state }
        work()
        model.withLock { $0.done.states[number - $0.done.first] = state }
    }
}
