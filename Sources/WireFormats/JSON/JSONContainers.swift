/// The objects and arrays that are open around a place in a JSON text: one bit each, so no allocation up to 64 levels.
struct JSONContainers {
    /// The maximum nesting, here and in every text that the gateway reads.
    static let limit = 512

    private var newest: UInt64 = 0
    private var older: [UInt64] = []
    private(set) var count = 0
    /// The number of open containers around the checked part; they count towards the limit.
    private let outside: Int

    init(outside: Int) {
        self.outside = outside
    }

    @inline(__always)
    var isEmpty: Bool { count == 0 }

    @inline(__always)
    var innermostIsObject: Bool { newest & 1 == 1 }

    /// False if the limit is reached.
    @inline(__always)
    mutating func push(isObject: Bool) -> Bool {
        guard outside &+ count < Self.limit else { return false }
        if count != 0, count & 63 == 0 { older.append(newest) }
        newest = newest &<< 1 | (isObject ? 1 : 0)
        count &+= 1
        return true
    }

    @inline(__always)
    mutating func pop() {
        count &-= 1
        newest &>>= 1
        if count != 0, count & 63 == 0, let word = older.popLast() { newest = word }
    }
}
