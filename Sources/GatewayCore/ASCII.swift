/// Comparisons of header names and values, which are ASCII and occur in every request: by bytes, because comparing
/// characters costs ten times as much.
extension StringProtocol {
    /// Whether the text is `lowercase`, in any case. `lowercase` is in lower case itself.
    @inlinable
    package func isSameIgnoringCase(_ lowercase: String) -> Bool {
        utf8.count == lowercase.utf8.count && startsIgnoringCase(with: lowercase)
    }

    /// Whether the text begins with `lowercase`, in any case. `lowercase` is in lower case itself.
    @inlinable
    package func startsIgnoringCase(with lowercase: String) -> Bool {
        guard utf8.count >= lowercase.utf8.count else { return false }
        return zip(utf8, lowercase.utf8).allSatisfy { byte, expected in
            byte == expected || (byte | 0x20 == expected && (0x41...0x5A).contains(byte))
        }
    }
}

extension UInt8 {
    package var isASCIIDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    package var isASCIILetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) }
}
