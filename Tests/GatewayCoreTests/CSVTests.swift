import GatewayCore
import Testing

@Suite struct CSVTests {
    @Test func `A line comes back as it was written`() {
        let cells = ["plain", "with, comma", "with \"quotes\"", "two\nlines", "", "end\r"]
        let records = CSV.records(CSV.line(cells) + "\n")
        #expect(records == [CSV.Record(line: 1, cells: cells)])
    }

    @Test(arguments: ["=1+1", "@SUM(A1)", "+cmd", "-x", "\tx"])
    func `A spreadsheet runs no cell as a formula`(cell: String) {
        #expect(CSV.records(CSV.line([cell]))?.first?.cells == ["'" + cell])
    }

    @Test func `A negative number stays a number`() {
        #expect(CSV.line(["-1.50", "+3"]) == "-1.50,+3")
    }

    @Test func `Records have the number of the line on which they begin`() {
        let records = CSV.records("a,b\r\n\n\"x\ny\",2\r\nlast")
        #expect(records?.map(\.line) == [1, 3, 5])
        #expect(records?.map(\.cells) == [["a", "b"], ["x\ny", "2"], ["last"]])
    }

    @Test func `A quotation mark that does not end is an error`() {
        #expect(CSV.records("a,\"b\nc") == nil)
    }
}
