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
        if model != self.model { edits.append(Edit(range: modelSpan, text: .quoted(model))) }
        if askForUsage, stream, !includeUsage { edits.append(usageEdit) }
        guard !edits.isEmpty else { return [body] }
        edits.sort { $0.range.lowerBound < $1.range.lowerBound }
        return body.readableBytes < Self.copyLimit ? [Self.copy(of: body, edits)] : Self.slices(of: body, edits)
    }

    /// A range of the body and what stands there instead.
    private struct Edit {
        enum Text {
            case fixed(StaticString)
            case quoted(String)
        }

        let range: Range<Int>
        let text: Text

        func write(to buffer: inout ByteBuffer) {
            switch text {
            case .fixed(let text): buffer.writeStaticString(text)
            case .quoted(let text): JSONText.append(text, to: &buffer)
            }
        }
    }

    private var usageEdit: Edit {
        switch usageOption {
        case .missing(let end):
            Edit(range: end..<end, text: .fixed(#","stream_options":{"include_usage":true}"#))
        case .null(let range): Edit(range: range, text: .fixed(#"{"include_usage":true}"#))
        case .unset(let start, let isOnlyMember):
            Edit(
                range: start..<start,
                text: .fixed(isOnlyMember ? #""include_usage":true"# : #""include_usage":true,"#))
        case .set(let range): Edit(range: range, text: .fixed("true"))
        }
    }

    private static func copy(of body: ByteBuffer, _ edits: [Edit]) -> ByteBuffer {
        var copy = ByteBufferAllocator().buffer(capacity: body.readableBytes + 128)
        body.withBytes { bytes in
            var offset = 0
            for edit in edits {
                copy.writeBytes(bytes.part(offset..<edit.range.lowerBound).buffer)
                edit.write(to: &copy)
                offset = edit.range.upperBound
            }
            copy.writeBytes(bytes.part(offset..<bytes.count).buffer)
        }
        return copy
    }

    private static func slices(of body: ByteBuffer, _ edits: [Edit]) -> [ByteBuffer] {
        var rest = body
        var offset = 0
        var slices: [ByteBuffer] = []
        for edit in edits {
            if let kept = rest.readSlice(length: edit.range.lowerBound - offset) { slices.append(kept) }
            var text = ByteBuffer()
            edit.write(to: &text)
            slices.append(text)
            rest.moveReaderIndex(forwardBy: edit.range.count)
            offset = edit.range.upperBound
        }
        slices.append(rest)
        return slices
    }
}
