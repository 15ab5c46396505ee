public import NIOCore

/// The model of a request whose path names it.
public enum ModelField {
    /// `body` with `model` as its top-level `model`, whatever it was. A body that is not a JSON object stays as it is,
    /// for the scan to refuse.
    public static func set(_ model: String, in body: ByteBuffer) -> ByteBuffer {
        let edit = body.withBytes { bytes -> BodyEdit? in
            do throws(JSONSyntaxError) {
                return try Self.edit(bytes, model)
            } catch {
                return nil
            }
        }
        guard let edit else { return body }
        var result = ByteBuffer()
        for part in BodyEdit.apply([edit], to: body) { result.writeImmutableBuffer(part) }
        return result
    }

    private static func edit(_ bytes: Bytes, _ model: String) throws(JSONSyntaxError) -> BodyEdit? {
        var scanner = JSONScanner(bytes)
        try scanner.beginDocument()
        guard try scanner.peek() == Byte.openBrace else { return nil }
        try scanner.enterObject()
        let start = scanner.position
        var isEmpty = true
        while let key = try scanner.nextKey() {
            isEmpty = false
            // A duplicate is left for the scan to find.
            if scanner.isEqual(key, "model") { return BodyEdit(try scanner.value().span, .quoted(model)) }
            _ = try scanner.value()
        }
        return BodyEdit(start..<start, .member("model", model, isLast: isEmpty))
    }
}
