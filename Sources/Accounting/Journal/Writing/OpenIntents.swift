/// An intent without an end, and where it stands.
struct OpenIntent {
    var appender: SegmentAppender
    var offset: Int
    let payloadBytes: Int
    /// The bytes that its segment keeps for its end.
    let reserve: Int
}

/// The open intents of an event loop, by their tickets. Slots are used again, so that a ticket is an index.
struct OpenIntents {
    private struct Slot {
        var generation: UInt32 = 0
        var intent: OpenIntent?
    }

    private var slots: [Slot] = []
    private var unused: [Int] = []

    var count: Int { slots.count - unused.count }

    /// The slots, used or not.
    var slotCount: Int { slots.count }

    mutating func add(_ intent: OpenIntent) -> JournalTicket {
        guard let slot = unused.popLast() else {
            slots.append(Slot(intent: intent))
            return JournalTicket(slot: slots.count - 1, generation: 0)
        }
        slots[slot].intent = intent
        return JournalTicket(slot: slot, generation: slots[slot].generation)
    }

    /// Nil if the ticket was given up before.
    subscript(_ ticket: JournalTicket) -> OpenIntent? {
        guard slots.indices.contains(ticket.slot), slots[ticket.slot].generation == ticket.generation else {
            return nil
        }
        return slots[ticket.slot].intent
    }

    /// The intent of a slot, if it has one.
    subscript(slot slot: Int) -> OpenIntent? {
        get { slots[slot].intent }
        set { slots[slot].intent = newValue }
    }

    mutating func remove(_ ticket: JournalTicket) {
        slots[ticket.slot].intent = nil
        slots[ticket.slot].generation &+= 1
        unused.append(ticket.slot)
    }
}
