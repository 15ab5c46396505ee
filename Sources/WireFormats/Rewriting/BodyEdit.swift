import NIOCore

/// A range of a request's body, and its replacement.
struct BodyEdit {
    enum Text {
        case fixed(StaticString)
        case quoted(String)
        /// A member at the start of an object.
        case member(StaticString, String, isLast: Bool)
    }

    /// Smaller bodies are sent as one buffer, larger ones as slices that share the caller's bytes.
    private static let copyLimit = 64 * 1024

    let range: Range<Int>
    let text: Text

    init(_ range: Range<Int>, _ text: Text) {
        self.range = range
        self.text = text
    }

    /// The body with `edits`, which do not overlap. All other bytes stay as the caller wrote them.
    static func apply(_ edits: [BodyEdit], to body: ByteBuffer) -> [ByteBuffer] {
        guard !edits.isEmpty else { return [body] }
        let edits = edits.sorted { $0.range.lowerBound < $1.range.lowerBound }
        return body.readableBytes < copyLimit ? [copy(of: body, edits)] : slices(of: body, edits)
    }

    private func write(to buffer: inout ByteBuffer) {
        switch text {
        case .fixed(let text): buffer.writeStaticString(text)
        case .quoted(let text): JSONText.append(text, to: &buffer)
        case .member(let name, let text, let isLast):
            buffer.writeInteger(Byte.quote)
            buffer.writeStaticString(name)
            buffer.writeStaticString("\":")
            JSONText.append(text, to: &buffer)
            if !isLast { buffer.writeInteger(Byte.comma) }
        }
    }

    private static func copy(of body: ByteBuffer, _ edits: [BodyEdit]) -> ByteBuffer {
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

    private static func slices(of body: ByteBuffer, _ edits: [BodyEdit]) -> [ByteBuffer] {
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
