import NIOCore

/// The needed fields of one block of an event stream (WHATWG HTML, section 9.2.6). The values of `id` and `retry` are
/// for clients that reconnect.
struct SSEFields {
    /// The value of the last `event` field.
    private(set) var name: Range<Int>?
    /// The value of the first `data` field.
    private(set) var data: Range<Int>?
    /// Whether there are more `data` fields, so that the event's data is not contiguous.
    private(set) var hasMoreData = false
    /// Whether there is an `id` or a `retry`. After the first `id` of a stream, and for each `retry`, openai-python
    /// makes an event of a blank line.
    private(set) var hasPosition = false

    /// Reads a block; a byte order mark may precede the stream's first block (`isFirst`).
    @inline(__always)
    init(_ block: SSEFraming.Block, of bytes: Bytes, isFirst: Bool) {
        read(Self.start(of: block, in: bytes, isFirst: isFirst)..<block.firstLine.upperBound, bytes)
        if block.lineCount > 1 { readFurtherLines(block, bytes) }
    }

    /// The start of the first line: after the byte order mark that may precede it.
    @inline(__always)
    static func start(of block: SSEFraming.Block, in bytes: Bytes, isFirst: Bool) -> Int {
        let start = block.firstLine.lowerBound
        let hasMark = isFirst && block.firstLine.count >= 3 && bytes.has("\u{FEFF}", at: start..<start + 3)
        return hasMark ? start + 3 : start
    }

    private mutating func readFurtherLines(_ block: SSEFraming.Block, _ bytes: Bytes) {
        Self.forEachLine(in: block.firstLine.upperBound..<block.range.upperBound, of: bytes) { read($0, bytes) }
    }

    /// Calls `body` with each line, without its end. An empty line may follow a line that ends with CR LF; it is not a
    /// field.
    static func forEachLine(in range: Range<Int>, of bytes: Bytes, _ body: (Range<Int>) -> Void) {
        var index = range.lowerBound
        while index < range.upperBound {
            let end = min(bytes.endOfLine(from: index), range.upperBound)
            body(index..<end)
            index = end + 1
        }
    }

    @inline(__always)
    private mutating func read(_ line: Range<Int>, _ bytes: Bytes) {
        if let value = Self.value(of: "data", line, bytes) {
            if data == nil { data = value } else { hasMoreData = true }
        } else if let value = Self.value(of: "event", line, bytes) {
            name = value
        } else if !hasPosition, Self.value(of: "id", line, bytes) != nil || Self.value(of: "retry", line, bytes) != nil
        {
            hasPosition = true
        }
    }

    /// The lines of a block without its blank one, so that they belong to the next block.
    static func linesAlone(_ block: SSEFraming.Block, of bytes: Bytes) -> ByteBuffer {
        var lines = ByteBuffer()
        forEachLine(in: block.range, of: bytes) { line in
            guard !line.isEmpty else { return }
            lines.writeBytes(bytes.part(line).buffer)
            lines.writeInteger(Byte.lineFeed)
        }
        return lines
    }

    /// The value of the field `field`, without the one space that may precede it; nil if the line is another field, a
    /// comment or empty.
    @inline(__always)
    static func value(of field: StaticString, _ line: Range<Int>, _ bytes: Bytes) -> Range<Int>? {
        let nameEnd = line.lowerBound &+ field.utf8CodeUnitCount
        guard nameEnd <= line.upperBound, bytes.has(field, at: line.lowerBound..<nameEnd) else { return nil }
        guard nameEnd < line.upperBound else { return nameEnd..<nameEnd }
        guard bytes[nameEnd] == Byte.colon else { return nil }
        let start = nameEnd &+ 1
        if start < line.upperBound, bytes[start] == Byte.space { return start &+ 1..<line.upperBound }
        return start..<line.upperBound
    }

    /// The data of a block whose data is in several lines: they are joined by line feeds.
    static func joinedData(_ block: SSEFraming.Block, of bytes: Bytes, isFirst: Bool) -> [UInt8] {
        var joined: [UInt8] = []
        var isEmpty = true
        forEachLine(in: start(of: block, in: bytes, isFirst: isFirst)..<block.range.upperBound, of: bytes) { line in
            guard let value = value(of: "data", line, bytes) else { return }
            if !isEmpty { joined.append(Byte.lineFeed) }
            isEmpty = false
            joined.append(contentsOf: bytes.part(value).buffer)
        }
        return joined
    }
}
