/// An intent whose attempt has not ended: returned by `JournalWriter.begin(_:)`, and given to exactly one of `settle`
/// and `cancel` of the same writer.
public struct JournalTicket: Sendable, Hashable {
    let slot: Int
    /// Tells a ticket from earlier ones of the same slot, so that a second end of an attempt has no effect.
    let generation: UInt32
}
