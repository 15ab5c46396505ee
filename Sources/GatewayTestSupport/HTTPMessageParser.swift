/// Splits a stream of bytes into HTTP/1.1 messages, for inspection: it is strict enough to find the end of a message,
/// and no stricter.
struct HTTPMessageParser: Sendable {
    private enum Stage {
        case head
        case fixed(remaining: Int)
        case chunkSize
        case chunk(remaining: Int)
        case chunkEnd
        case trailer
        case untilEnd
    }

    /// The complete messages.
    private(set) var messages: [HTTPMessage] = []
    /// The message whose head is complete, but not its body.
    private(set) var current: HTTPMessage?
    private var stage = Stage.head
    private var line: [UInt8] = []
    private var headLines: [String] = []

    /// Whether bytes follow the end of the last message.
    var isWithinMessage: Bool {
        current != nil || !line.isEmpty || !headLines.isEmpty
    }

    mutating func append(_ bytes: some Collection<UInt8>) {
        var rest = bytes[...]
        while !rest.isEmpty {
            switch stage {
            case .head, .chunkSize, .chunkEnd, .trailer:
                guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else {
                    line.append(contentsOf: rest)
                    return
                }
                line.append(contentsOf: rest[..<end])
                rest = rest[rest.index(after: end)...]
                if line.last == UInt8(ascii: "\r") { line.removeLast() }
                let text = String(decoding: line, as: UTF8.self)
                line.removeAll(keepingCapacity: true)
                take(line: text)
            case .fixed(let remaining), .chunk(let remaining):
                let taken = rest.prefix(remaining)
                current?.body.append(contentsOf: taken)
                rest = rest[taken.endIndex...]
                took(bodyBytes: taken.count, of: remaining)
            case .untilEnd:
                current?.body.append(contentsOf: rest)
                return
            }
        }
    }

    /// Marks the end of the stream, which ends a response of unknown length.
    mutating func end() {
        if case .untilEnd = stage { endMessage() }
    }

    private mutating func take(line: String) {
        switch stage {
        case .head:
            if !line.isEmpty {
                headLines.append(line)
            } else if !headLines.isEmpty {
                beginBody()
            }
        case .chunkSize:
            let size = line.prefix { $0 != ";" }
            guard let count = Int(size, radix: 16), count > 0 else {
                stage = .trailer
                return
            }
            current?.chunkSizes.append(count)
            stage = .chunk(remaining: count)
        case .chunkEnd: stage = .chunkSize
        case .trailer: if line.isEmpty { endMessage() }
        case .fixed, .chunk, .untilEnd: break
        }
    }

    private mutating func beginBody() {
        let message = HTTPMessage(head: headLines.joined(separator: "\r\n"))
        headLines = []
        current = message
        let length = message.headers("content-length").first.flatMap { Int($0) }
        let status = message.status
        if let status, status < 200 || status == 204 || status == 304 {
            endMessage()
        } else if message.headers("transfer-encoding").contains(where: { $0.lowercased().hasSuffix("chunked") }) {
            stage = .chunkSize
        } else if let length, length > 0 {
            stage = .fixed(remaining: length)
        } else if status != nil, length == nil {
            stage = .untilEnd
        } else {
            endMessage()
        }
    }

    private mutating func took(bodyBytes count: Int, of remaining: Int) {
        switch stage {
        case .fixed where count < remaining: stage = .fixed(remaining: remaining - count)
        case .fixed: endMessage()
        case .chunk where count < remaining: stage = .chunk(remaining: remaining - count)
        case .chunk: stage = .chunkEnd
        case .head, .chunkSize, .chunkEnd, .trailer, .untilEnd: break
        }
    }

    private mutating func endMessage() {
        if let current { messages.append(current) }
        current = nil
        stage = .head
    }
}
