import NIOCore

extension ByteSplice {
    /// Puts other events in the place of the one at `range` of the source.
    mutating func replace(_ range: Range<Int>, of source: Bytes, with events: ByteBuffer) {
        cut(range, of: source)
        append(events)
    }

    /// Makes a change of data that is `range` of the source.
    mutating func apply(_ edit: EventEdit, to range: Range<Int>, of source: Bytes, model: Bytes) {
        let start = range.lowerBound
        cut(start + edit.range.lowerBound..<start + edit.range.upperBound, of: source)
        append(edit.text)
        switch edit.tail {
        case .nothing: break
        case .model: append(model)
        case .copy(let copied): append(source.part(start + copied.lowerBound..<start + copied.upperBound))
        }
    }

    /// Makes changes of data that a block has in several lines: its other lines stay as they are, the data follows
    /// them.
    mutating func apply(
        _ edits: [EventEdit], to block: SSEFraming.Block, of source: Bytes, isFirst: Bool, data: Bytes, model: Bytes
    ) {
        var inner = ByteSplice()
        for edit in edits { inner.apply(edit, to: 0..<data.count, of: data, model: model) }
        guard let changed = inner.finish(data, upTo: data.count) else { return }
        cut(block.range, of: source)
        let start = SSEFields.start(of: block, in: source, isFirst: isFirst)
        SSEFields.forEachLine(in: start..<block.range.upperBound, of: source) { line in
            guard !line.isEmpty, SSEFields.value(of: "data", line, source) == nil else { return }
            append(source.part(line))
            append("\n")
        }
        changed.withBytes { data in
            SSEFields.forEachLine(in: 0..<data.count, of: data) { line in
                append("data: ")
                append(data.part(line))
                append("\n")
            }
        }
        append("\n")
    }
}
