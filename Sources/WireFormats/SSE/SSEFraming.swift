/// Finds the blocks of an event stream: the bytes up to and including a blank line (WHATWG HTML, section 9.2.5). Lines
/// end with LF, CR LF or CR.
///
/// A block ends as soon as its blank line does, so a CR at the end of the bytes ends a line at once; if the next byte
/// is the LF of that CR, it belongs to the next block, where it has no effect.
struct SSEFraming {
    struct Block {
        /// All bytes of the block.
        let range: Range<Int>
        /// Its first line without its end. Empty if the block has only the blank line.
        let firstLine: Range<Int>
        /// Lines before the blank one.
        let lineCount: Int
    }

    // All offsets start at the open block, which may move in memory between two calls.
    private var scanned = 0
    private var lineStart = 0
    private var firstLine = 0..<0
    private var lineCount = 0
    private var isAfterCarriageReturn = false

    /// The block that begins at `start`; nil if the bytes end first. The next call, with the same block and more bytes,
    /// continues there.
    @inline(__always)
    mutating func next(_ bytes: Bytes, from start: Int) -> Block? {
        var index = start &+ scanned
        var line = start &+ lineStart
        if isAfterCarriageReturn, index < bytes.count {
            isAfterCarriageReturn = false
            if bytes[index] == Byte.lineFeed {
                index &+= 1
                line = index
            }
        }
        while true {
            let end = bytes.endOfLine(from: index)
            guard end < bytes.count else {
                scanned = end &- start
                lineStart = line &- start
                return nil
            }
            index = end &+ 1
            if bytes[end] == Byte.carriageReturn {
                if index == bytes.count {
                    isAfterCarriageReturn = true
                } else if bytes[index] == Byte.lineFeed {
                    index &+= 1
                }
            }
            if end == line {
                let first = start &+ firstLine.lowerBound..<start &+ firstLine.upperBound
                let block = Block(range: start..<index, firstLine: first, lineCount: lineCount)
                (scanned, lineStart, firstLine, lineCount) = (0, 0, 0..<0, 0)
                return block
            }
            if lineCount == 0 { firstLine = line &- start..<end &- start }
            lineCount &+= 1
            line = index
        }
    }
}
