/// Keeps the values of one member of the objects in an array, while a walker passes over the array in parts of any
/// size: `choices[].error`, for example.
struct JSONMemberWatch {
    /// The containers around the member: the array and the object.
    static let depth = 2
    /// What is kept of all values together: errors are short.
    private static let limit = 64 * 1024
    /// Longer keys do not match; `\u0065` stands for one letter.
    private static let keyLimit = 64

    private enum State {
        case searching
        /// The key has been read, its value is next.
        case isNext
        /// Within the value, which goes on at this index of the current part.
        case inValue(from: Int)
    }

    private let name: StaticString
    private var state = State.searching
    private var key: [UInt8] = []
    private var value: [UInt8] = []
    private var kept = 0
    private var found: [[UInt8]] = []

    init(_ name: StaticString) {
        self.name = name
    }

    mutating func takeFound() -> [[UInt8]] {
        guard !found.isEmpty else { return found }
        defer { found = [] }
        return found
    }

    /// The walker reads on in a new part.
    mutating func resume(at index: Int) {
        if case .inValue = state { state = .inValue(from: index) }
    }

    /// The part ends.
    mutating func suspend(_ bytes: Bytes) {
        if case .inValue(let start) = state { keep(bytes.part(start..<bytes.count)) }
    }

    /// A piece of a key, or its end.
    mutating func readKey(_ piece: Bytes, isWhole: Bool, hasEscapes: Bool) {
        key.append(contentsOf: piece.buffer.prefix(Self.keyLimit + 1 - key.count))
        guard isWhole else { return }
        let isName = key.withBytes { bytes in
            JSONScanner(bytes).isEqual(JSONString(contents: 0..<bytes.count, hasEscapes: hasEscapes), name)
        }
        key.removeAll(keepingCapacity: true)
        if isName { state = .isNext }
    }

    mutating func beginValue(at index: Int) {
        if case .isNext = state { state = .inValue(from: index) }
    }

    mutating func endValue(_ bytes: Bytes, at index: Int) {
        guard case .inValue(let start) = state else { return }
        keep(bytes.part(start..<index))
        found.append(value)
        value = []
        state = .searching
    }

    private mutating func keep(_ bytes: Bytes) {
        let piece = bytes.buffer.prefix(Self.limit - kept)
        kept += piece.count
        value.append(contentsOf: piece)
    }
}
