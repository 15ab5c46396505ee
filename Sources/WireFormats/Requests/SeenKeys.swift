/// The keys of one object, to find a key that comes twice: compared after unescaping, by 64-bit hash.
///
/// Equal keys have equal hashes, so no duplicate is missed, whatever the keys were chosen for; keys chosen to collide
/// are refused as duplicates, which harms only who sends them. Linear: there are few, and never more than the limit.
struct SeenKeys {
    /// Far above what any request has.
    static let limit = 1024

    private var hashes: [UInt64] = []

    /// How many keys there were.
    var count: Int { hashes.count }

    /// False if an equal key was there before.
    mutating func insert(_ key: JSONString, of bytes: Bytes) -> Bool {
        let hash = Self.hash(key, bytes)
        if hashes.contains(hash) { return false }
        if hashes.isEmpty { hashes.reserveCapacity(32) }
        hashes.append(hash)
        return true
    }

    /// FNV-1a.
    private static func hash(_ key: JSONString, _ bytes: Bytes) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        if key.hasEscapes {
            var reader = JSONUnescaper(bytes.part(key.contents))
            while let byte = reader.next() { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        } else {
            for index in key.contents { hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01b3 }
        }
        return hash
    }
}
