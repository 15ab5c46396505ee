/// The keys of one object, to find duplicates: compared after unescaping, by 64-bit hash.
///
/// Equal keys have equal hashes, so no duplicate is missed; keys chosen to collide are refused as duplicates, which
/// harms only their sender. The search is linear: there are few keys, and never more than the limit.
struct SeenKeys {
    /// Far above the keys of any request.
    static let limit = 1024

    private var hashes: [UInt64] = []

    /// The number of keys.
    var count: Int { hashes.count }

    /// False for a duplicate.
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
