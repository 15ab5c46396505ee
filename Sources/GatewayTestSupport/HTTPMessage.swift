/// One HTTP/1.1 message as received, with its body decoded.
public struct HTTPMessage: Sendable, Hashable {
    /// The start line and the header lines, without the empty line that ends them.
    public let head: String
    /// The body, without chunk framing.
    public internal(set) var body: [UInt8] = []
    /// The sizes of the chunks of a chunked body.
    public internal(set) var chunkSizes: [Int] = []

    /// The first line.
    public var startLine: String {
        head.split(separator: "\r\n", maxSplits: 1).first.map(String.init) ?? ""
    }

    /// A response's status; nil for a request.
    public var status: Int? {
        guard startLine.hasPrefix("HTTP/1.") else { return nil }
        return startLine.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    }

    /// The values of all headers of this name, in any case.
    public func headers(_ name: String) -> [String] {
        head.split(separator: "\r\n").dropFirst().compactMap { line in
            guard let colon = line.firstIndex(of: ":"), line[..<colon].lowercased() == name.lowercased() else {
                return nil
            }
            return line[line.index(after: colon)...].trimmingSpaces
        }
    }

    /// The body as text; bytes that are not UTF-8 are replaced.
    public var text: String {
        String(decoding: body, as: UTF8.self)
    }
}

extension Substring {
    fileprivate var trimmingSpaces: String {
        var text = self
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return String(text)
    }
}
