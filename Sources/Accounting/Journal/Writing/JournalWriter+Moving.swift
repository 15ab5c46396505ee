import Synchronization

/// Which intents are on their way to the current segment.
struct MovingState {
    /// Intents in segments before this one move.
    var before: UInt64 = 0
    /// The next slot to look at.
    var slot = Int.max
}

/// A few long-running requests must not keep segments, and with them the space of many others: when a loop begins a
/// segment, the open intents of all but the previous one are written again, to the head.
///
/// The old segment gets a `moved` record, but its intent counts until an end is found: the disk may have the record and
/// not the copy. So segments of a loop are removed in their order, and after a sync if they have such records.
extension JournalWriter {
    private static let slotsAtOnce = 32
    private static let movesAtOnce = 4

    /// - Parameter segment: keeps its intents.
    func planMoves(allBefore segment: SegmentAppender) {
        moving = MovingState(before: segment.segment.header.sequence, slot: 0)
    }

    /// Moves some of them: a part of each call, so that no request waits for thousands.
    func moveOldIntents() {
        guard moving.slot < intents.slotCount, let current else { return }
        let end = min(moving.slot + Self.slotsAtOnce, intents.slotCount)
        var moves = 0
        while moving.slot < end, moves < Self.movesAtOnce {
            if let intent = intents[slot: moving.slot], intent.appender.segment.header.sequence < moving.before {
                guard let moved = move(intent, to: current) else { return }
                intents[slot: moving.slot] = moved
                moves += 1
            }
            moving.slot += 1
        }
    }

    /// - Returns: nil if there is not enough space.
    private func move(_ intent: OpenIntent, to target: SegmentAppender) -> OpenIntent? {
        let payload = intent.appender.payload(at: intent.offset, count: intent.payloadBytes)
        let offset = target.appendIntent(payloadBytes: payload.count, reserve: intent.reserve) {
            $0.copyMemory(from: payload)
        }
        guard let offset else { return nil }
        intent.appender.segment.hasMovedIntents.store(true, ordering: .releasing)
        _ = intent.appender.appendEnd(.moved, of: intent.offset, reserved: intent.reserve)
        var moved = intent
        moved.appender = target
        moved.offset = offset
        return moved
    }
}
