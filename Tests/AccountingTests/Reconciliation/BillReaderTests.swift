import Accounting
import GatewayCore
import Testing

@Suite struct BillReaderTests {
    @Test func `The documented columns`() throws {
        let lines = try BillReader.read(
            """
            \u{FEFF}Time,Model,Request_ID,Input_Uncached,Input_Cache_Read,Output_Text,Amount
            2026-04-01T10:00:00Z,m,r1,1200,300,50,$0.001234567
            "2026-04-02",m,,5,0,1,-1.5

            """)
        #expect(
            lines == [
                BillLine(
                    line: 2, time: .moment(1_775_037_600_000_000), requestID: "r1", model: "m",
                    classes: TokenClasses(inputUncached: 1200, inputCacheRead: 300, outputText: 50),
                    columns: [.inputUncached, .inputCacheRead, .outputText], amount: Money(nanodollars: 1_234_567)),
                BillLine(
                    line: 3, time: .day("2026-04-02"), model: "m",
                    classes: TokenClasses(inputUncached: 5, outputText: 1),
                    columns: [.inputUncached, .inputCacheRead, .outputText], amount: Money(nanodollars: -1_500_000_000),
                    precision: 50_000_000),
            ])
    }

    @Test func `Anthropic's export has the cache apart`() throws {
        let lines = try BillReader.read(
            """
            usage_date_utc,model_version,api_key,usage_input_tokens_no_cache,usage_input_tokens_cache_write_5m,usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,usage_output_tokens
            2026-04-01,claude-sonnet-4-5-20250929,prod,100,20,3,4000,50
            2026-04-01 15:00,claude-sonnet-4-5-20250929,prod,1,0,0,0,1
            """)
        #expect(
            lines.first?.classes
                == TokenClasses(inputUncached: 100, inputCacheRead: 4000, inputCacheWrite: 23, outputText: 50))
        #expect(lines.map(\.time) == [.day("2026-04-01"), .moment(1_775_055_600_000_000)])
        #expect(lines.first?.amount == nil)
    }

    @Test func `OpenAI's usage has the cache within the input`() throws {
        let lines = try BillReader.read(
            """
            start_time,end_time,model,num_model_requests,input_tokens,input_cached_tokens,output_tokens
            1775001600,1775088000,gpt-5-2025-08-07,7,1000,800,500
            """)
        #expect(lines.first?.classes == TokenClasses(inputUncached: 200, inputCacheRead: 800, outputText: 500))
        #expect(lines.first?.requests == 7)
        #expect(lines.first?.time == .moment(1_775_001_600_000_000))
    }

    @Test(arguments: [
        ("", 1), ("model,amount\nm,1", 1), ("day,model\n2026-04-01,m", 1), ("day,amount\n2026-04-01,1,2", 2),
        ("day,amount\n2026-02-30,1", 2), ("day,amount\n2026-04-01,1\n2026-04-01,1e", 3),
        ("day,amount\n2026-04-01,NaN", 2),
        ("day,amount\n2026-04-01,\"1", 1), ("day,output_tokens\n2026-04-01,-4", 2),
        ("day,output_tokens\n2026-04-01,9223372036854775807", 2), ("day,amount\n2026-04-01,1e30", 2),
        ("day,input_tokens,input_cached_tokens\n2026-04-01,1,2", 2),
    ])
    func `A bill that cannot be read is refused with its line`(text: String, line: Int) {
        let error = #expect(throws: BillReader.Failure.self) { try BillReader.read(text) }
        #expect(error?.line == line)
    }
}
