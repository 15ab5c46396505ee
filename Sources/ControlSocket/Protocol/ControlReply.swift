/// The gateway's reply: `{"ok":true,"data":{…}}` or `{"ok":false,"error":{"code":…,"message":…}}`.
public enum ControlReply: Sendable, Hashable {
    case success(ControlValue)
    case failure(ControlError)
}

extension ControlReply: Codable {
    private enum CodingKeys: String, CodingKey {
        case ok, data, error
    }

    /// Reads either form; `data` may be missing.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if try container.decode(Bool.self, forKey: .ok) {
            self = .success(try container.decodeIfPresent(ControlValue.self, forKey: .data) ?? .null)
        } else {
            self = .failure(try container.decode(ControlError.self, forKey: .error))
        }
    }

    /// Writes the form for this value of `ok`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .success(let data):
            try container.encode(true, forKey: .ok)
            try container.encode(data, forKey: .data)
        case .failure(let error):
            try container.encode(false, forKey: .ok)
            try container.encode(error, forKey: .error)
        }
    }
}
