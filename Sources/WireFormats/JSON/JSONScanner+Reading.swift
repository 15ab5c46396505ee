/// The meaning of values.
extension JSONScanner {
    /// Whether `string`, its escapes resolved, is `text`, which must be ASCII.
    @inline(__always)
    func isEqual(_ string: JSONString, _ text: StaticString) -> Bool {
        if !string.hasEscapes { return bytes.has(text, at: string.contents) }
        return unescapedEqual(string, text)
    }

    /// Whether `string`, its escapes resolved, is `text` ignoring the case of its letters. `text` is in lower case
    /// ASCII.
    ///
    /// The long s (U+017F) counts as an s and the Kelvin sign (U+212A) as a k, as they do where Unicode's simple case
    /// folding is used. No other character folds to an ASCII letter.
    func isEqualIgnoringCase(_ string: JSONString, _ text: StaticString) -> Bool {
        isEqualIgnoringCase(string, text.bytes)
    }

    /// The same for a text in memory.
    func isEqualIgnoringCase(_ string: JSONString, _ text: Bytes) -> Bool {
        let length = text.count
        guard string.hasEscapes || (length...3 * length).contains(string.contents.count) else { return false }
        var reader = JSONUnescaper(bytes.part(string.contents))
        for expected in text.buffer {
            guard let byte = reader.next() else { return false }
            if byte == 0xE2, expected == UInt8(ascii: "k") {
                guard reader.next() == 0x84, reader.next() == 0xAA else { return false }
                continue
            }
            if byte == 0xC5, expected == UInt8(ascii: "s") {
                guard reader.next() == 0xBF else { return false }
                continue
            }
            guard byte == expected || ((0x41...0x5A).contains(byte) && byte | 0x20 == expected) else { return false }
        }
        return reader.next() == nil
    }

    private func unescapedEqual(_ string: JSONString, _ text: StaticString) -> Bool {
        var reader = JSONUnescaper(bytes.part(string.contents))
        for expected in text.bytes.buffer {
            guard reader.next() == expected else { return false }
        }
        return reader.next() == nil
    }

    /// The string with its escapes resolved; half a surrogate pair becomes U+FFFD. At most `limit` bytes long,
    /// truncated between characters.
    func text(_ string: JSONString, limit: Int = .max) -> String {
        if !string.hasEscapes, string.contents.count <= limit {
            return String(decoding: bytes.part(string.contents).buffer, as: UTF8.self)
        }
        var result: [UInt8] = []
        var reader = JSONUnescaper(bytes.part(string.contents))
        while result.count <= limit, let byte = reader.next() { result.append(byte) }
        if result.count > limit {
            var end = limit
            while end > 0, result[end] & 0xc0 == 0x80 { end -= 1 }
            result.removeSubrange(end...)
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// An integer, written without an exponent (`17`, `17.0`), that fits into 64 bits.
    func integer(_ value: JSONValue) -> Int64? {
        guard value.kind == .number else { return nil }
        var index = value.span.lowerBound
        let isNegative = bytes[index] == Byte.minus
        if isNegative { index += 1 }
        var result: Int64 = 0
        while index < value.span.upperBound, Byte.isDigit(bytes[index]) {
            let (product, tooLarge) = result.multipliedReportingOverflow(by: 10)
            let (sum, overflow) = product.addingReportingOverflow(Int64(bytes[index] - Byte.zero))
            guard !tooLarge, !overflow else { return nil }
            result = sum
            index += 1
        }
        if index < value.span.upperBound, bytes[index] == Byte.point {
            index += 1
            while index < value.span.upperBound, bytes[index] == Byte.zero { index += 1 }
        }
        guard index == value.span.upperBound else { return nil }
        return isNegative ? -result : result
    }

    /// Whether a value of kind `.bool` is `true`.
    @inline(__always)
    func isTrue(_ value: JSONValue) -> Bool {
        value.kind == .bool && bytes[value.span.lowerBound] == UInt8(ascii: "t")
    }
}
