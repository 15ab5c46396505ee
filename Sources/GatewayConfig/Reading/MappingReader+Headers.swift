import GatewayCore

/// Headers as read, and why some are absent.
struct HeaderSet {
    var headers: [HeaderConfiguration] = []
    /// The first reference without a value, as a reason for the operator.
    var missing: String?
}

extension MappingReader {
    /// The mapping of header names to values at `key`. A reference without a value is omitted and reported as
    /// `missing`.
    /// - Parameter takesCredential: whether `authorization` is allowed, because no other setting sets it.
    func headers(_ key: String, takesCredential: Bool = false) -> HeaderSet {
        optionalSection(key) { $0.readHeaders(takesCredential: takesCredential) } ?? HeaderSet()
    }

    private func readHeaders(takesCredential: Bool) -> HeaderSet {
        var set = HeaderSet()
        for entry in allEntries() {
            let place = Place(position: entry.position, path: "\(self.place.path).\(entry.key.asShortName)")
            let name = entry.key.lowercased()
            if let refusal = Self.refusal(about: name, in: set, takesCredential: takesCredential) {
                context.error(at: place, refusal)
            } else {
                read(entry.value, of: name, at: place, into: &set)
            }
        }
        return set
    }

    private static func refusal(about name: String, in set: HeaderSet, takesCredential: Bool) -> String? {
        if !HeaderRules.isName(name) { return "is not a header name (RFC 9110: letters, digits and a few marks)" }
        if HeaderRules.isFraming(name) { return "this header frames the request, so the gateway sets it itself" }
        if name == "authorization", !takesCredential { return "a credential belongs in `auth`" }
        return set.headers.contains { $0.name == name } ? "occurs twice here; header names ignore case" : nil
    }

    private func read(_ node: DocumentNode, of name: String, at place: Place, into set: inout HeaderSet) {
        guard case .scalar(let written) = node.content else {
            return context.error(at: place, "must be a text or a reference")
        }
        let reference = ValueReference(written.text)
        record(name, .text(reference?.text ?? Secret.mask))
        // The stored form of the name, in whatever case it is written.
        let path = "\(self.place.path).\(name)"
        do {
            let value =
                if let reference { try context.secret(reference, at: path) } else {
                    try context.maskedSecret(written.text, at: path)
                }
            let text = value.reveal()
            guard HeaderRules.isValue(text) else {
                return context.error(at: place, "the value must be a text without line breaks and control characters")
            }
            set.headers.append(HeaderConfiguration(name: name, value: Secret(text)))
        } catch {
            set.missing = set.missing ?? error.reason
        }
    }
}
