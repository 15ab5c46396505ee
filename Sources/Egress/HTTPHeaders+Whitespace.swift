package import NIOHTTP1

extension HTTPHeaders {
    /// Removes the white space around values, which is no part of them (RFC 9110, section 5.5). The decoder removes
    /// only what stands before a value.
    package mutating func trimValues() {
        guard contains(where: { $0.value.utf8.hasOuterBlank }) else { return }
        self = HTTPHeaders(map { ($0.name, $0.value.utf8.hasOuterBlank ? $0.value.withoutOuterBlanks : $0.value) })
    }
}

extension String {
    fileprivate var withoutOuterBlanks: String {
        var rest = utf8[...]
        while rest.first?.isBlank == true { rest.removeFirst() }
        while rest.last?.isBlank == true { rest.removeLast() }
        return String(Substring(rest))
    }
}

extension String.UTF8View {
    fileprivate var hasOuterBlank: Bool { first?.isBlank == true || last?.isBlank == true }
}

extension UInt8 {
    fileprivate var isBlank: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }
}
