public import NIOCore

extension ChatRequest {
    /// The body for an upstream that knows the model as `model`; `body` must be the one that was scanned.
    ///
    /// With `askForUsage` a stream's usage is asked for even if the caller did not. Every byte that need not change is
    /// as the caller wrote it.
    public func rewritten(_ body: ByteBuffer, model: String, askForUsage: Bool) -> [ByteBuffer] {
        var edits: [BodyEdit] = []
        if model != self.model { edits.append(BodyEdit(modelSpan, .quoted(model))) }
        if askForUsage, stream, !includeUsage { edits.append(usageEdit) }
        return BodyEdit.apply(edits, to: body)
    }

    private var usageEdit: BodyEdit {
        switch usageOption {
        case .missing(let end): BodyEdit(end..<end, .fixed(#","stream_options":{"include_usage":true}"#))
        case .null(let range): BodyEdit(range, .fixed(#"{"include_usage":true}"#))
        case .unset(let start, let isOnlyMember):
            BodyEdit(start..<start, .fixed(isOnlyMember ? #""include_usage":true"# : #""include_usage":true,"#))
        case .set(let range): BodyEdit(range, .fixed("true"))
        }
    }
}
