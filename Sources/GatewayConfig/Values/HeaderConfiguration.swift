public import GatewayCore

/// A header that is added to every request to a provider. Its value is treated as a secret.
public struct HeaderConfiguration: Sendable, Hashable {
    /// In lower case.
    public let name: String
    /// Has no line breaks or control characters.
    public let value: Secret
}

enum HeaderRules {
    /// Headers that frame the request or concern one hop only. Configuring them would break the connection.
    private static let framing: Set<String> = [
        "connection", "content-encoding", "content-length", "content-type", "expect", "host", "keep-alive",
        "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
    ]

    /// A field name by RFC 9110, section 5.1.
    static func isName(_ text: String) -> Bool {
        let marks = "!#$%&'*+-.^_`|~".utf8
        return !text.isEmpty && text.utf8.count <= 128
            && text.utf8.allSatisfy { $0.isASCIILetter || $0.isASCIIDigit || marks.contains($0) }
    }

    static func isFraming(_ name: String) -> Bool {
        framing.contains(name.lowercased())
    }

    /// A field value by RFC 9110, section 5.5: no character that could end the line.
    static func isValue(_ text: String) -> Bool {
        !text.isEmpty && text.unicodeScalars.allSatisfy { $0 == "\t" || $0.properties.generalCategory != .control }
    }
}

extension ScalarKind where Value == String {
    /// The name of the header that carries a credential.
    static var credentialHeader: ScalarKind {
        .string("the name of a header, such as \"api-key\"", mayBeReference: false, show: { $0 }) { text in
            let name = text.lowercased()
            return HeaderRules.isName(name) && !HeaderRules.isFraming(name) ? name : nil
        }
    }
}
