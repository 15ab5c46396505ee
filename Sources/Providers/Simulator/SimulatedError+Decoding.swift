import Foundation

extension SimulatedError {
    /// The OpenAI API's error for an unexpected body.
    init(_ error: DecodingError) {
        switch error {
        case .keyNotFound(let key, let context):
            let path = Self.path(context.codingPath + [key])
            self = .invalid(
                "Missing required parameter: '\(path)'.", param: path, code: "missing_required_parameter")
        case .typeMismatch(let type, let context):
            self = Self.invalidType(type, at: context.codingPath)
        case .valueNotFound(let type, let context):
            self = Self.invalidType(type, at: context.codingPath)
        case .dataCorrupted(let context):
            let path = Self.path(context.codingPath)
            self =
                path.isEmpty
                ? .invalid("The body is not valid JSON.") : .invalid("Invalid value for '\(path)'.", param: path)
        @unknown default:
            self = .invalid("The request body could not be read.")
        }
    }

    private static func invalidType(_ type: any Any.Type, at path: [any CodingKey]) -> SimulatedError {
        let path = Self.path(path)
        if path.isEmpty { return .invalid("The body must be a JSON object.") }
        let expected =
            switch type {
            case is String.Type: "a string"
            case is Bool.Type: "a boolean"
            case is Int.Type: "an integer"
            case is any Sequence.Type: "an array"
            default: "an object"
            }
        return .invalid("Invalid type for '\(path)': expected \(expected).", param: path, code: "invalid_type")
    }

    /// `messages[0].content`, as OpenAI writes it.
    private static func path(_ keys: [any CodingKey]) -> String {
        keys.reduce(into: "") { path, key in
            if let index = key.intValue {
                path += "[\(index)]"
            } else {
                path += path.isEmpty ? key.stringValue : ".\(key.stringValue)"
            }
        }
    }
}
