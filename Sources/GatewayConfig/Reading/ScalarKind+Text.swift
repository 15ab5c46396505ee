extension ScalarKind where Value == String {
    /// Any text that is not empty. A zero character ends a path early, and no database stores it.
    static func text(_ expected: String = "a text without zero characters") -> ScalarKind {
        .string(expected, show: { $0 }, read: { $0.isEmpty || $0.utf8.contains(0) ? nil : $0 })
    }

    /// A name for display: up to 128 characters on one line.
    static var name: ScalarKind {
        .string("a name of 1 to 128 characters on one line", mayBeReference: false, show: { $0 }) { text in
            let isOneLine = text.unicodeScalars.allSatisfy { !$0.properties.isControl }
            return (1...128).contains(text.count) && isOneLine && text.trimmed == text ? text : nil
        }
    }

    /// An id of a provider, a team or the like. It occurs in headers, labels and commands.
    static var id: ScalarKind {
        .string(
            "an id of 1 to 64 letters, digits, \".\", \"_\" and \"-\" that starts with a letter or digit",
            mayBeReference: false,
            show: { $0 }
        ) { text in
            text.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9._-]{0,63}/) != nil ? text : nil
        }
    }

    /// A model's id: what callers send as `model`. Slashes and colons are common in them.
    static var modelID: ScalarKind {
        .string(
            "a model id of 1 to 128 visible ASCII characters, without spaces and commas, not starting with \"tag:\"",
            mayBeReference: false, show: { $0 }
        ) { text in
            let isPlain = text.utf8.allSatisfy { $0.isVisibleASCII && $0 != UInt8(ascii: ",") }
            return (1...128).contains(text.utf8.count) && isPlain && !text.hasPrefix("tag:") ? text : nil
        }
    }

    /// The model's name at the provider.
    static var upstreamModel: ScalarKind {
        .string("a model name of 1 to 256 visible ASCII characters", mayBeReference: false, show: { $0 }) { text in
            (1...256).contains(text.utf8.count) && text.utf8.allSatisfy(\.isVisibleASCII) ? text : nil
        }
    }

    /// A tag, as callers write it in `tag:a,b`.
    static var tag: ScalarKind {
        .string("a tag of 1 to 64 letters, digits, \".\", \"_\" and \"-\"", mayBeReference: false, show: { $0 }) {
            text in
            text.wholeMatch(of: /[A-Za-z0-9._-]{1,64}/) != nil ? text : nil
        }
    }

    /// An e-mail address, normalised to lower case.
    static var email: ScalarKind {
        .string("an e-mail address", mayBeReference: false, show: { $0 }) { text in
            let address = text.trimmed.lowercased()
            let parts = address.split(separator: "@", omittingEmptySubsequences: false)
            let isVisible = address.unicodeScalars.allSatisfy {
                !$0.properties.isWhitespace && !$0.properties.isControl
            }
            guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty, isVisible else { return nil }
            return address.utf8.count <= 254 ? address : nil
        }
    }
}

extension ScalarKind where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// One of a closed list of words.
    static var choice: ScalarKind {
        let words = Value.allCases.map(\.rawValue)
        return .string(
            (words.count > 1 ? "one of " : "") + words.joined(separator: ", "),
            advice: { NearestName.hint($0, among: words) }, show: { $0.rawValue }, read: { Value(rawValue: $0) })
    }
}
