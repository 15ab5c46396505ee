/// Numbers and times as ASCII.
extension LogLine {
    /// An integer in base ten.
    mutating func append(decimal number: Int64) {
        if number < 0 { append("-") }
        var rest = number.magnitude
        var digits = 0
        repeat {
            append("0")
            digits += 1
            rest /= 10
        } while rest > 0
        overwrite(digits: digits, with: number, at: bytes.count - digits)
    }

    /// Microseconds since 1970 UTC as RFC 3339 with microseconds: `2026-01-31T23:59:59.000001Z`. Years 0 to 9999.
    mutating func append(timestamp microseconds: Int64) {
        let day = microseconds / 86_400_000_000 - (microseconds % 86_400_000_000 < 0 ? 1 : 0)
        let ofDay = microseconds - day * 86_400_000_000
        let seconds = ofDay / 1_000_000
        let date = Timestamp.civil(fromDays: day)
        let start = bytes.count
        append("0000-00-00T00:00:00.000000Z")
        overwrite(digits: 4, with: date.year, at: start)
        overwrite(digits: 2, with: date.month, at: start + 5)
        overwrite(digits: 2, with: date.day, at: start + 8)
        overwrite(digits: 2, with: seconds / 3600, at: start + 11)
        overwrite(digits: 2, with: seconds / 60 % 60, at: start + 14)
        overwrite(digits: 2, with: seconds % 60, at: start + 17)
        overwrite(digits: 6, with: ofDay % 1_000_000, at: start + 20)
    }
}
