public import NIOCore

/// The answers of `GET /v1/models` and `GET /v1/models/{id}`
/// (https://platform.openai.com/docs/api-reference/models/object).
public enum ModelList {
    /// One model in the list.
    public struct Model: Sendable, Equatable {
        /// The id for requests.
        public let id: String
        /// Seconds since 1970 UTC.
        public let created: Int64
        /// The owner of the model, for display.
        public let ownedBy: String

        /// A model in the list.
        public init(id: String, created: Int64, ownedBy: String) {
            self.id = id
            self.created = created
            self.ownedBy = ownedBy
        }
    }

    /// `{"object":"list","data":[…]}`, the models in the order given.
    public static func list(_ models: [Model]) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.writeStaticString(#"{"object":"list","data":["#)
        for (index, model) in models.enumerated() {
            if index > 0 { buffer.writeInteger(Byte.comma) }
            append(model, to: &buffer)
        }
        buffer.writeStaticString("]}")
        return buffer
    }

    /// `{"id":…,"object":"model","created":…,"owned_by":…}`.
    public static func one(_ model: Model) -> ByteBuffer {
        var buffer = ByteBuffer()
        append(model, to: &buffer)
        return buffer
    }

    private static func append(_ model: Model, to buffer: inout ByteBuffer) {
        buffer.writeStaticString(#"{"id":"#)
        JSONText.append(model.id, to: &buffer)
        buffer.writeStaticString(#","object":"model","created":"#)
        buffer.writeString(String(model.created))
        buffer.writeStaticString(#","owned_by":"#)
        JSONText.append(model.ownedBy, to: &buffer)
        buffer.writeStaticString("}")
    }
}
