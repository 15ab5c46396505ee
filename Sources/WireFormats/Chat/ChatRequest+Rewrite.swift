public import NIOCore

extension ChatRequest {
    /// Bodies below this size leave as one buffer, larger ones as slices that share the caller's bytes.
    private static let copyLimit = 64 * 1024

    /// The body for an upstream that knows the model as `model`; `body` must be the one that was scanned.
    ///
    /// With `askForUsage` a stream's usage is asked for even if the caller did not. Every byte that need not change is
    /// as the caller wrote it.
    public func rewritten(_ body: ByteBuffer, model: String, askForUsage: Bool) -> [ByteBuffer] {
        var edits: [Edit] = []
        if model != self.model {
            var value = ByteBuffer()
            JSONText.append(model, to: &value)
            edits.append(Edit(range: modelSpan, bytes: value))
        }
        if askForUsage, stream, !includeUsage { edits.append(usageEdit) }
        guard !edits.isEmpty else { return [body] }
        edits.sort { $0.range.lowerBound < $1.range.lowerBound }
        let slices = Self.slices(of: body, edits)
        guard body.readableBytes < Self.copyLimit else { return slices }
        var joined = ByteBufferAllocator().buffer(capacity: slices.reduce(0) { $0 + $1.readableBytes })
        for slice in slices { joined.writeImmutableBuffer(slice) }
        return [joined]
    }

    private struct Edit {
        let range: Range<Int>
        let bytes: ByteBuffer
    }

    private var usageEdit: Edit {
        switch usageOption {
        case .missing(let end):
            Edit(range: end..<end, bytes: ByteBuffer(string: #","stream_options":{"include_usage":true}"#))
        case .null(let range): Edit(range: range, bytes: ByteBuffer(string: #"{"include_usage":true}"#))
        case .unset(let start, let isOnlyMember):
            Edit(
                range: start..<start,
                bytes: ByteBuffer(string: isOnlyMember ? #""include_usage":true"# : #""include_usage":true,"#))
        case .set(let range): Edit(range: range, bytes: ByteBuffer(string: "true"))
        }
    }

    private static func slices(of body: ByteBuffer, _ edits: [Edit]) -> [ByteBuffer] {
        var rest = body
        var offset = 0
        var slices: [ByteBuffer] = []
        for edit in edits {
            if let kept = rest.readSlice(length: edit.range.lowerBound - offset) { slices.append(kept) }
            slices.append(edit.bytes)
            rest.moveReaderIndex(forwardBy: edit.range.count)
            offset = edit.range.upperBound
        }
        slices.append(rest)
        return slices
    }
}
