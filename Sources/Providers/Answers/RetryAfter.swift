import NIOHTTP1

/// When a provider says that a retry makes sense, in the forms that providers use.
enum RetryAfter {
    /// Far above any wait that is honoured.
    private static let longest = 1_000_000_000_000

    /// Milliseconds from now, rounded up; nil if the provider does not say, or says nonsense.
    ///
    /// `retry-after-ms` (OpenAI, Azure) is exact and comes first. `retry-after` has seconds, fractions allowed, or a
    /// date (RFC 9110, section 10.2.3), which counts from the answer's own `date`: the two clocks may differ.
    /// - Parameter now: microseconds since 1970 UTC.
    static func milliseconds(in headers: HTTPHeaders, now: Int64) -> Int? {
        if let text = headers.first(name: "retry-after-ms"), let time = decimal(text, scale: 1) { return time }
        guard let text = headers.first(name: "retry-after") else { return nil }
        if let time = decimal(text, scale: 1000) { return time }
        guard let date = HTTPDate.seconds(text) else { return nil }
        let reference = headers.first(name: "date").flatMap(HTTPDate.seconds) ?? now / 1_000_000
        return Int(max(0, min(date - reference, Int64(longest / 1000)))) * 1000
    }

    /// A decimal number, with blanks around it, times `scale`.
    private static func decimal(_ text: String, scale: Int) -> Int? {
        let parts = text.utf8.trimmed().split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let whole = parts.first, !whole.isEmpty else { return nil }
        guard parts.allSatisfy({ $0.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } }) else {
            return nil
        }
        // More digits than these are longer than the longest wait.
        guard whole.count <= 12, let units = Int(String(Substring(whole))) else { return longest }
        var result = units * scale
        guard parts.count == 2, !parts[1].isEmpty else { return min(result, longest) }
        var unit = scale
        var rest = false
        for digit in parts[1] {
            let value = Int(digit - UInt8(ascii: "0"))
            if unit % 10 == 0 {
                unit /= 10
                result += value * unit
            } else {
                rest = rest || value > 0
            }
        }
        return min(rest ? result + 1 : result, longest)
    }
}

extension Substring.UTF8View {
    fileprivate func trimmed() -> Substring.UTF8View {
        let isBlank: (UInt8) -> Bool = { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        let start = drop(while: isBlank)
        let end = start.lastIndex { !isBlank($0) }.map { start.index(after: $0) } ?? start.startIndex
        return start[..<end]
    }
}

extension String.UTF8View {
    fileprivate func trimmed() -> Substring.UTF8View { self[...].trimmed() }
}
