/// Searches over eight bytes at a time. The first byte of a word is its least significant one.
extension UnsafeRawBufferPointer {
    /// The index of the first byte at or after `start` that a JSON string cannot simply contain: `"`, `\`, a control
    /// character or a byte of a multi-byte UTF-8 sequence; `count` when there is none.
    @inline(__always)
    func endOfPlainText(from start: Int) -> Int {
        var index = start
        while index &+ 8 <= count {
            let word = littleEndianWord(at: index)
            let control = word &- 0x2020_2020_2020_2020
            let special = (Self.zeroBytes(word ^ 0x2222_2222_2222_2222) | Self.zeroBytes(word ^ 0x5c5c_5c5c_5c5c_5c5c))
            let found = (special | control | word) & 0x8080_8080_8080_8080
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

    /// The index of the first line feed or carriage return at or after `start`; `count` when there is none.
    @inline(__always)
    func endOfLine(from start: Int) -> Int {
        var index = start
        while index &+ 8 <= count {
            let word = littleEndianWord(at: index)
            let special = Self.zeroBytes(word ^ 0x0a0a_0a0a_0a0a_0a0a) | Self.zeroBytes(word ^ 0x0d0d_0d0d_0d0d_0d0d)
            let found = special & 0x8080_8080_8080_8080
            if found != 0 { return index &+ found.trailingZeroBitCount &>> 3 }
            index &+= 8
        }
        while index < count {
            let byte = self[index]
            if byte == 0x0a || byte == 0x0d { return index }
            index &+= 1
        }
        return count
    }

    /// Whether the bytes of `range` are those of `other`.
    @inline(__always)
    func has(_ other: UnsafeRawBufferPointer, at range: Range<Int>) -> Bool {
        guard range.count == other.count else { return false }
        var index = 0
        while index < other.count {
            guard self[range.lowerBound &+ index] == other[index] else { return false }
            index &+= 1
        }
        return true
    }

    /// Whether the bytes of `range` are those of `text`.
    @inline(__always)
    func has(_ text: StaticString, at range: Range<Int>) -> Bool {
        has(text.bytes, at: range)
    }

    /// The bytes of `range`, with indices from zero.
    @inline(__always)
    func part(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: self[range])
    }

    @inline(__always)
    private func littleEndianWord(at index: Int) -> UInt64 {
        UInt64(littleEndian: loadUnaligned(fromByteOffset: index, as: UInt64.self))
    }

    /// Has the high bit of the lowest zero byte set, and no lower one; bits above that may be wrong (they are not used).
    @inline(__always)
    private static func zeroBytes(_ word: UInt64) -> UInt64 {
        (word &- 0x0101_0101_0101_0101) & ~word
    }
}

extension StaticString {
    /// The UTF-8 bytes; they live as long as the program.
    @inline(__always)
    var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: utf8Start, count: utf8CodeUnitCount)
    }
}
