extension ScalarKind where Value == String {
    /// The origin of a web page as browsers send it (RFC 6454, section 6.2), or `*` for any.
    static var webOrigin: ScalarKind {
        .string("the origin of a web page such as \"https://app.example.com\", or \"*\"", show: { $0 }) { text in
            if text == "*" { return text }
            guard let address = HTTPAddress(text), address.pathPrefix.isEmpty, !text.hasSuffix("/") else { return nil }
            return address.description
        }
    }
}
