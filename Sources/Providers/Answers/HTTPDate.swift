/// A date of HTTP (RFC 9110, section 5.6.7), in any of its three forms.
enum HTTPDate {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Seconds since 1970 UTC; nil if `text` is no date.
    static func seconds(_ text: String) -> Int64? {
        guard text.utf8.count <= 64 else { return nil }
        let words = text.split { " ,-:\t".contains($0) }.map(String.init)
        // `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT`, `Sun Nov  6 08:49:37 1994`.
        switch words.count {
        case 8 where words[7] == "GMT" || words[7] == "UTC":
            return seconds(day: words[1], month: words[2], year: words[3], time: words[4...6])
        case 7: return seconds(day: words[2], month: words[1], year: words[6], time: words[3...5])
        default: return nil
        }
    }

    private static func seconds(day: String, month: String, year: String, time: ArraySlice<String>) -> Int64? {
        let clock = time.compactMap { Int64($0) }
        guard let day = Int64(day), let month = months.firstIndex(of: month), var year = Int64(year), clock.count == 3,
            (1...31).contains(day), (0...9999).contains(year), (0...23).contains(clock[0]),
            (0...59).contains(clock[1]), (0...60).contains(clock[2])
        else { return nil }
        if year < 100 { year += year < 70 ? 2000 : 1900 }
        let days = days(toYear: year, month: Int64(month) + 1) + day - 1
        return ((days * 24 + clock[0]) * 60 + clock[1]) * 60 + clock[2]
    }

    /// Days from 1970-01-01 to the first of a month, by the proleptic Gregorian calendar: years begin in March, so that
    /// the leap day is the last.
    private static func days(toYear year: Int64, month: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let monthsSinceMarch = (month + 9) % 12
        let daysOfYear = (153 * monthsSinceMarch + 2) / 5
        return 365 * year + year / 4 - year / 100 + year / 400 + daysOfYear - 719_468
    }
}
