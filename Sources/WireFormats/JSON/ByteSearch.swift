/// Searches over several bytes at a time. The first byte of a word is its least significant one.
extension Bytes {
    /// The index of the first byte at or after `start` that a JSON string cannot simply contain: `"`, `\`, a control
    /// character or a byte of a multi-byte UTF-8 sequence; `count` if there is none.
    @inline(__always)
    func endOfPlainText(from start: Int) -> Int {
        var index = start
        while index &+ 8 <= count {
            let word = littleEndianWord(at: index)
            // A subtraction sets the high bit of a byte that is too small for it; the word itself has those of UTF-8. A
            // borrow can spoil the bytes above the first that was found, never those below.
            let quote = (word ^ 0x2222_2222_2222_2222) &- 0x0101_0101_0101_0101
            let backslash = (word ^ 0x5c5c_5c5c_5c5c_5c5c) &- 0x0101_0101_0101_0101
            let control = word &- 0x2020_2020_2020_2020
            let found = (quote | backslash | control | word) & 0x8080_8080_8080_8080
            if found != 0 { return index &+ found.trailingZeroBitCount &>> 3 }
            index &+= 8
        }
        while index < count {
            let byte = self[index]
            if byte < 0x20 || byte == 0x22 || byte == 0x5c || byte >= 0x80 { return index }
            index &+= 1
        }
        return count
    }

    /// The index of the first line feed or carriage return at or after `start`; `count` if there is none.
    @inline(__always)
    func endOfLine(from start: Int) -> Int {
        var index = start
        while index < count {
            // Search for any control character first: they are rare except at the end of a line.
            if index &+ 8 <= count {
                let word = littleEndianWord(at: index)
                let found = (word &- 0x2020_2020_2020_2020) & ~word & 0x8080_8080_8080_8080
                guard found != 0 else {
                    index &+= 8
                    continue
                }
                index &+= found.trailingZeroBitCount &>> 3
            }
            let byte = self[index]
            if byte == Byte.lineFeed || byte == Byte.carriageReturn { return index }
            index &+= 1
        }
        return count
    }

    /// Whether the bytes of `range` are those of `other`.
    @inline(__always)
    func has(_ other: Bytes, at range: Range<Int>) -> Bool {
        let length = other.count
        guard range.count == length else { return false }
        if length >= 8 { return has(other, from: range.lowerBound, inSteps: UInt64.self) }
        if length >= 4 { return has(other, from: range.lowerBound, inSteps: UInt32.self) }
        var index = 0
        while index < length {
            guard self[range.lowerBound &+ index] == other[index] else { return false }
            index &+= 1
        }
        return true
    }

    /// Compares whole words, the last of which may overlap the one before.
    @inline(__always)
    private func has<Word: FixedWidthInteger & BitwiseCopyable>(
        _ other: Bytes, from start: Int, inSteps type: Word.Type
    ) -> Bool {
        let size = MemoryLayout<Word>.size
        var index = 0
        while true {
            let mine = loadUnaligned(fromByteOffset: start &+ index, as: type)
            guard mine == other.loadUnaligned(fromByteOffset: index, as: type) else { return false }
            index &+= size
            if index == other.count { return true }
            if index &+ size > other.count { index = other.count &- size }
        }
    }

    /// Whether the bytes of `range` are those of `text`.
    @inline(__always)
    func has(_ text: StaticString, at range: Range<Int>) -> Bool {
        has(text.bytes, at: range)
    }

    @inline(__always)
    private func littleEndianWord(at index: Int) -> UInt64 {
        UInt64(littleEndian: loadUnaligned(fromByteOffset: index, as: UInt64.self))
    }
}
