import NIOCore

/// Ways in which the network may split bytes: not at all, every two-way split, byte by byte, and some at random.
func splits(of bytes: [UInt8], random: Int = 20) -> [[ByteBuffer]] {
    var ways: [[ByteBuffer]] = [[ByteBuffer(bytes: bytes)], bytes.map { ByteBuffer(bytes: [$0]) }]
    for cut in stride(from: 1, to: bytes.count, by: 1) {
        ways.append([ByteBuffer(bytes: bytes[..<cut]), ByteBuffer(bytes: bytes[cut...])])
    }
    var generator = SeededGenerator(seed: UInt64(bytes.count))
    for _ in 0..<random { ways.append(randomSplit(of: bytes, using: &generator)) }
    return ways
}

/// Parts of random sizes, small ones more often than large ones.
func randomSplit(of bytes: [UInt8], using generator: inout SeededGenerator) -> [ByteBuffer] {
    var parts: [ByteBuffer] = []
    var start = 0
    while start < bytes.count {
        let largest = Int.random(in: 1...64, using: &generator)
        let end = min(bytes.count, start + Int.random(in: 1...largest, using: &generator))
        parts.append(ByteBuffer(bytes: bytes[start..<end]))
        start = end
    }
    return parts
}

/// The bytes of all buffers.
func joined(_ buffers: [ByteBuffer]) -> String {
    String(decoding: buffers.flatMap { Array($0.readableBytesView) }, as: UTF8.self)
}
