/// The head of a proxy's answer to `CONNECT`, as it comes in.
package struct ProxyAnswer: Sendable {
    package enum Verdict: Sendable, Equatable {
        case incomplete
        /// The tunnel stands.
        case accepted
        /// With the status.
        case refused(Int)
        /// It is no head of an HTTP answer, is too long, or is followed by bytes that belong to no answer.
        case invalid
    }

    /// Far above what proxies send.
    private static let maxBytes = 16 * 1024

    private var head: [UInt8] = []

    package init() {}

    /// - Parameter bytes: what has come in since the last call.
    package mutating func receive(_ bytes: some Sequence<UInt8>) -> Verdict {
        head.append(contentsOf: bytes)
        guard let status = Self.status(of: head) else {
            return head.count < 13 && "HTTP/1.".utf8.starts(with: head.prefix(7)) ? .incomplete : .invalid
        }
        guard let end = head.firstRange(of: Array("\r\n\r\n".utf8)) else {
            return head.count < Self.maxBytes ? .incomplete : .invalid
        }
        guard (200..<300).contains(status) else { return .refused(status) }
        // In TLS and in HTTP the client speaks first.
        return end.upperBound == head.endIndex ? .accepted : .invalid
    }

    /// Of `HTTP/1.1 200 …`; nil if that is not there, or not yet.
    private static func status(of head: [UInt8]) -> Int? {
        guard head.count >= 13, head.starts(with: "HTTP/1.".utf8), head[8] == UInt8(ascii: " ") else { return nil }
        return Int(String(decoding: head[9..<12], as: UTF8.self))
    }
}
