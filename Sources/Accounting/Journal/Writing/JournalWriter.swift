public import GatewayCore
package import NIOCore
import Synchronization

/// The journal of one event loop. It belongs to the loop, so an intent is a copy into memory: no lock, no system call,
/// no other thread.
///
/// Each intent gets exactly one end, by `settle` or `cancel`. If the process dies before, its row is written at the
/// next start, as the intent says.
public final class JournalWriter {
    /// The longest entry; far above any that the gateway makes.
    static let maxEntryBytes = 32 << 10
    /// What an end may be longer than its intent, and still has its space for certain: a reason for `unpriced`.
    static let slack = 192

    package let eventLoop: any EventLoop
    /// Keeps it open.
    private let journal: Journal
    let channel: WriterChannel
    var current: SegmentAppender?
    var intents = OpenIntents()
    /// See `JournalWriter+Moving.swift`.
    var moving = MovingState()
    var waiters: [SyncWaiter] = []

    init(_ journal: Journal, on eventLoop: any EventLoop, channel: WriterChannel) {
        self.journal = journal
        self.eventLoop = eventLoop
        self.channel = channel
    }

    deinit {
        // The threads may go on with the segments; what is open stands in them.
        current?.seal()
    }

    /// Whether the next intent has a segment.
    package var isPrepared: Bool { current != nil || channel.hasSpare }

    /// The intents without an end.
    public var openIntents: Int { intents.count }

    /// Writes an attempt as it stands if the gateway crashes, before its provider is called.
    /// - Throws: `not_ready` if the journal cannot take it: nothing was written, and the provider must not be called;
    ///   `internal_error` for an entry of more than 32 KiB.
    public func begin(_ entry: LedgerEntry) throws(GatewayError) -> JournalTicket {
        let payloadBytes = try size(of: entry)
        guard !channel.shared.isRefusing.load(ordering: .relaxed) else { throw refusal() }
        moveOldIntents()
        let reserve = JournalRecord.size(payloadBytes: payloadBytes + Self.slack)
        let added = withSpace { appender in
            appender.appendIntent(payloadBytes: payloadBytes, reserve: reserve) {
                LedgerEntryCodec.encode(entry, into: $0)
            }
        }
        guard let (appender, offset) = added else { throw refusal() }
        channel.shared.recordCommit()
        return intents.add(
            OpenIntent(appender: appender, offset: offset, payloadBytes: payloadBytes, reserve: reserve))
    }

    /// Writes the entry of an attempt that has ended. Never refused: its space was reserved. A ticket that has its end
    /// already is ignored.
    /// - Returns: false if the ticket has its end already, or if the entry is so much longer than its intent that there
    ///   is no space for it; then the row will be that of the intent.
    @discardableResult
    public func settle(_ ticket: JournalTicket, _ entry: LedgerEntry) -> Bool {
        guard let intent = intents[ticket] else { return false }
        guard let payloadBytes = try? size(of: entry) else { return false }
        let isWritten = intent.appender.appendEnd(
            .final, of: intent.offset, reserved: intent.reserve, payloadBytes: payloadBytes
        ) { LedgerEntryCodec.encode(entry, into: $0) }
        guard isWritten || settleElsewhere(intent, entry, payloadBytes) else { return false }
        intents.remove(ticket)
        channel.shared.recordCommit()
        moveOldIntents()
        return true
    }

    /// The attempt was never made, so there will be no row. A ticket that has its end already is ignored.
    public func cancel(_ ticket: JournalTicket) {
        guard let intent = intents[ticket] else { return }
        _ = intent.appender.appendEnd(.cancelled, of: intent.offset, reserved: intent.reserve)
        intents.remove(ticket)
        channel.shared.recordCommit()
    }

    /// An entry that outgrew its reserve, in a segment that is full: the entry goes to the current segment.
    private func settleElsewhere(_ intent: OpenIntent, _ entry: LedgerEntry, _ payloadBytes: Int) -> Bool {
        let written = withSpace { appender -> Int? in
            let isWritten = appender.appendFinal(payloadBytes: payloadBytes) {
                LedgerEntryCodec.encode(entry, into: $0)
            }
            return isWritten ? 0 : nil
        }
        guard written != nil else { return false }
        intent.appender.segment.hasMovedIntents.store(true, ordering: .releasing)
        return intent.appender.appendEnd(.moved, of: intent.offset, reserved: intent.reserve)
    }

    /// Appends to the current segment, or to the next one if it is full.
    /// - Returns: nil if there is no next one.
    private func withSpace(
        _ append: (SegmentAppender) -> Int?
    ) -> (appender: SegmentAppender, offset: Int)? {
        if let current, let offset = append(current) { return (current, offset) }
        // Also without a next one: it can then be applied and removed, and its space be used again.
        let previous = current
        current?.seal()
        current = nil
        guard let segment = channel.takeSpare() else { return nil }
        let next = SegmentAppender(segment)
        current = next
        planMoves(allBefore: previous ?? next)
        return append(next).map { (next, $0) }
    }

    private func size(of entry: LedgerEntry) throws(GatewayError) -> Int {
        if let size = try? LedgerEntryCodec.size(of: entry), size <= Self.maxEntryBytes { return size }
        throw GatewayError(
            .internalError, "The gateway could not record the request.",
            cause: "the ledger entry is longer than \(Self.maxEntryBytes) bytes", source: .gateway)
    }

    private func refusal() -> GatewayError {
        channel.shared.condition.refusal
    }
}
