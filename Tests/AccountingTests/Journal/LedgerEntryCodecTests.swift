import Accounting
import GatewayCore
import Testing

@Suite struct LedgerEntryCodecTests {
    @Test func `Any entry comes back as it was`() throws {
        var random = SplitMix(state: 7)
        for _ in 0..<5000 {
            let entry = LedgerEntry.random(using: &random)
            let bytes = try LedgerEntryCodec.encode(entry)
            #expect(try bytes.count == LedgerEntryCodec.size(of: entry))
            let decoded = try LedgerEntryCodec.decode(bytes)
            #expect(decoded == entry)
        }
    }

    @Test func `Every case of the closed lists comes back`() throws {
        var entry = LedgerEntry.intent(1)
        for operation in APIOperation.allCases {
            for reason in EndReason.allCases {
                for source in [nil] + UsageSource.allCases {
                    entry.operation = operation
                    entry.endReason = reason
                    entry.usageSource = source
                    let decoded = try LedgerEntryCodec.decode(try LedgerEntryCodec.encode(entry))
                    #expect(decoded == entry)
                }
            }
        }
    }

    @Test func `An entry that is cut anywhere is refused`() throws {
        let bytes = try LedgerEntryCodec.encode(.intent(1))
        for length in 0..<bytes.count {
            #expect(throws: LedgerEntryCodec.DecodingError.truncated) {
                try LedgerEntryCodec.decode(Array(bytes.prefix(length)))
            }
        }
        #expect(throws: LedgerEntryCodec.DecodingError.trailingBytes) { try LedgerEntryCodec.decode(bytes + [0]) }
    }

    @Test func `Another version is refused`() throws {
        var bytes = try LedgerEntryCodec.encode(.intent(1))
        bytes[0] = 2
        #expect(throws: LedgerEntryCodec.DecodingError.unknownVersion(2)) { try LedgerEntryCodec.decode(bytes) }
    }

    /// Whatever decodes must encode to the same bytes: there is one form for one entry, and nothing is overlooked.
    @Test func `Damaged bytes are refused or are another entry, and nothing traps`() throws {
        var random = SplitMix(state: 11)
        var refused = 0
        for _ in 0..<20_000 {
            var bytes = try LedgerEntryCodec.encode(.random(using: &random))
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if Bool.random(using: &random) { bytes.removeLast(Int.random(in: 0...bytes.count, using: &random)) }
            guard let entry = try? LedgerEntryCodec.decode(bytes) else {
                refused += 1
                continue
            }
            let again = try LedgerEntryCodec.encode(entry)
            #expect(again == bytes)
        }
        #expect(refused > 5000)
    }

    @Test func `Each field that no version has is refused by name`() throws {
        let bytes = try LedgerEntryCodec.encode(.intent(1))
        for (offset, value, field) in [
            (1, 9, "operation"), (2, 0, "end_reason"), (3, 5, "usage_source"), (7, 1, "reserved"),
            (114, 0xFF, "request_id"),
        ] as [(Int, UInt8, String)] {
            var damaged = bytes
            damaged[offset] = value
            #expect(throws: LedgerEntryCodec.DecodingError.invalid(field: field)) {
                try LedgerEntryCodec.decode(damaged)
            }
        }
    }

    @Test func `A text that has no place is refused`() throws {
        var entry = LedgerEntry.intent(1)
        entry.upstreamModel = String(repeating: "m", count: 70_000)
        #expect(throws: LedgerEntryCodec.EncodingError.tooLong) { try LedgerEntryCodec.encode(entry) }
    }
}
