import GatewayCore

/// The host part of an address.
struct Host {
    /// Without the brackets of an IPv6 address.
    let name: String

    /// Reads a host name, an IPv4 address or an IPv6 address in brackets; nil for anything else.
    init?(_ text: String) {
        if text.hasPrefix("["), text.hasSuffix("]") {
            name = String(text.dropFirst().dropLast())
            guard name.contains(":"), IPNetwork(name) != nil, !name.contains("/") else { return nil }
        } else {
            name = text
            let isName = text.utf8.allSatisfy { $0.isASCIILetter || $0.isASCIIDigit || "-._".utf8.contains($0) }
            guard (1...253).contains(text.utf8.count), isName else { return nil }
        }
    }
}
