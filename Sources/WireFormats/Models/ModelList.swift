public import NIOCore

/// The answers of `GET /v1/models` and `GET /v1/models/{id}`: one body that clients of OpenAI
/// (https://platform.openai.com/docs/api-reference/models/object), of Anthropic
/// (https://docs.anthropic.com/en/api/models-list) and Codex decode; each ignores the fields of the others.
public enum ModelList {
    /// One model in the list.
    public struct Model: Sendable, Equatable {
        /// The id for requests.
        public let id: String
        /// For users; nil if there is none.
        public let description: String?
        /// Seconds since 1970 UTC.
        public let created: Int64
        /// The owner of the model, for display.
        public let ownedBy: String

        /// A model in the list.
        public init(id: String, description: String? = nil, created: Int64, ownedBy: String) {
            self.id = id
            self.description = description
            self.created = created
            self.ownedBy = ownedBy
        }
    }

    /// The models in the order given, all of them: the list has one page.
    public static func list(_ models: [Model]) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(256 + models.count * 640)
        buffer.writeStaticString(#"{"object":"list","data":["#)
        for (index, model) in models.enumerated() {
            if index > 0 { buffer.writeInteger(Byte.comma) }
            append(model, to: &buffer)
        }
        buffer.writeStaticString(#"],"has_more":false,"first_id":"#)
        JSONText.append(models.first?.id, to: &buffer)
        buffer.writeStaticString(#","last_id":"#)
        JSONText.append(models.last?.id, to: &buffer)
        buffer.writeStaticString(#","models":["#)
        for (index, model) in models.enumerated() {
            if index > 0 { buffer.writeInteger(Byte.comma) }
            appendCatalogEntry(model, priority: index, to: &buffer)
        }
        buffer.writeStaticString("]}")
        return buffer
    }

    /// One model, as in `data` of the list.
    public static func one(_ model: Model) -> ByteBuffer {
        var buffer = ByteBuffer()
        append(model, to: &buffer)
        return buffer
    }

    /// OpenAI's fields, then Anthropic's.
    private static func append(_ model: Model, to buffer: inout ByteBuffer) {
        buffer.writeStaticString(#"{"id":"#)
        JSONText.append(model.id, to: &buffer)
        buffer.writeStaticString(#","object":"model","created":"#)
        buffer.writeString(String(model.created))
        buffer.writeStaticString(#","owned_by":"#)
        JSONText.append(model.ownedBy, to: &buffer)
        buffer.writeStaticString(#","type":"model","display_name":"#)
        JSONText.append(model.id, to: &buffer)
        appendDescription(of: model, to: &buffer)
        buffer.writeStaticString(#","created_at":""#)
        appendTime(model.created, to: &buffer)
        buffer.writeStaticString("\"}")
    }

    /// What Codex (0.163) requires of an entry of its catalogue. It knows neither the model's context window nor its
    /// levels of reasoning, as the gateway does not.
    private static func appendCatalogEntry(_ model: Model, priority: Int, to buffer: inout ByteBuffer) {
        buffer.writeStaticString(#"{"slug":"#)
        JSONText.append(model.id, to: &buffer)
        buffer.writeStaticString(#","display_name":"#)
        JSONText.append(model.id, to: &buffer)
        appendDescription(of: model, to: &buffer)
        buffer.writeStaticString(
            #","supported_reasoning_levels":[],"shell_type":"unified_exec","visibility":"list","supported_in_api":true,"#
        )
        buffer.writeStaticString(#""priority":"#)
        buffer.writeString(String(priority))
        buffer.writeStaticString(#","support_verbosity":false,"truncation_policy":{"mode":"tokens","limit":10000},"#)
        buffer.writeStaticString(#""experimental_supported_tools":[],"#)
        buffer.writeStaticString(#""base_instructions":"You are a coding agent. Use the tools you have."}"#)
    }

    private static func appendDescription(of model: Model, to buffer: inout ByteBuffer) {
        guard let description = model.description else { return }
        buffer.writeStaticString(#","description":"#)
        JSONText.append(description, to: &buffer)
    }

    /// RFC 3339, in seconds and UTC; the date by Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms",
    /// `civil_from_days`.
    private static func appendTime(_ seconds: Int64, to buffer: inout ByteBuffer) {
        let day = seconds / 86400 - (seconds % 86400 < 0 ? 1 : 0)
        let time = seconds - day * 86400
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let date = "\(year)-\(two(month))-\(two(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1))"
        buffer.writeString("\(date)T\(two(time / 3600)):\(two(time / 60 % 60)):\(two(time % 60))Z")
    }
}
