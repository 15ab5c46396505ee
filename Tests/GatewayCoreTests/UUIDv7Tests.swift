import GatewayCore
import Testing

/// RFC 9562, section 5.7.
@Suite struct UUIDv7Tests {
    @Test func `Is of its form`() {
        var random = SeededGenerator(3)
        for _ in 0..<1000 {
            let id = UUIDv7.make(milliseconds: 1_700_000_000_000, using: &random)
            #expect(
                id.wholeMatch(of: #/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/#) != nil,
                "\(id)")
        }
    }

    /// The RFC's own example, appendix A.6.
    @Test func `Begins with the time`() {
        var random = SeededGenerator(4)
        #expect(UUIDv7.make(milliseconds: 0x017F_22E2_79B0, using: &random).hasPrefix("017f22e2-79b0-7"))
    }

    @Test func `Is ordered by time`() {
        var random = SeededGenerator(5)
        let ids = (0..<1000).map { UUIDv7.make(milliseconds: 1_700_000_000_000 + $0, using: &random) }
        #expect(ids == ids.sorted())
    }

    @Test func `Is unique within a millisecond`() {
        var random = SeededGenerator(6)
        #expect(Set((0..<10_000).map { _ in UUIDv7.make(milliseconds: 1, using: &random) }).count == 10_000)
    }
}
