import NIOCore

/// A JSON object under modification, member by member. Other members stay as they were written, byte for byte, except
/// for the whitespace between members.
///
/// For bodies that need more changes than one value; it costs a copy of the body.
struct JSONObjectDraft {
    struct Member {
        /// With its quotes.
        var key: [UInt8]
        var value: [UInt8]
    }

    private(set) var members: [Member] = []

    /// Nil if `bytes` are not a JSON object.
    init?(_ bytes: Bytes) {
        var scanner = JSONScanner(bytes)
        do throws(JSONSyntaxError) {
            try scanner.beginDocument()
            try scanner.enterObject()
            while let key = try scanner.nextKey() {
                let value = try scanner.value()
                members.append(
                    Member(
                        key: Array(bytes.part(key.span).buffer), value: Array(bytes.part(value.span).buffer)))
            }
            try scanner.finish()
        } catch {
            return nil
        }
    }

    /// A request's body with the extra body of its route merged in, the upstream's name of the model, and the changes
    /// of `adapt`.
    /// - Parameter extra: a JSON object.
    static func rewritten(
        _ body: ByteBuffer, model: String, extra: String?, _ adapt: (inout JSONObjectDraft) -> Void
    ) -> [ByteBuffer] {
        // The scan has proved that it is JSON.
        guard var draft = body.withBytes({ JSONObjectDraft($0) }) else { return [body] }
        if let extra = extra.flatMap({ Array($0.utf8).withBytes { JSONObjectDraft($0) } }) { draft.merge(extra) }
        draft["model"] = JSONText.quoted(model)
        adapt(&draft)
        return [ByteBuffer(bytes: draft.bytes)]
    }

    /// The value of the member whose key, its escapes resolved, is `name`, which must be ASCII.
    subscript(name: StaticString) -> [UInt8]? {
        get { index(of: name).map { members[$0].value } }
        set {
            switch (index(of: name), newValue) {
            case (let index?, let value?): members[index].value = value
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): members.append(Member(key: Self.quoted(name), value: value))
            case (nil, nil): break
            }
        }
    }

    /// Renames a member in place. Does nothing if it is absent.
    mutating func rename(_ name: StaticString, to newName: StaticString) {
        if let index = index(of: name) { members[index].key = Self.quoted(newName) }
    }

    /// Merges `other` into the object: objects recursively; other values replace the old ones.
    mutating func merge(_ other: JSONObjectDraft) {
        for member in other.members {
            let places = members.indices.filter { Self.isSame(members[$0].key, member.key) }
            guard let first = places.first, let last = places.last else {
                members.append(member)
                continue
            }
            // Most servers read the last value of a duplicate key: keep only one, so that a duplicate cannot evade
            // this.
            members[first].value = Self.merged(members[last].value, member.value)
            guard first != last else { continue }
            let others = Set(places.dropFirst())
            members = members.indices.filter { !others.contains($0) }.map { members[$0] }
        }
    }

    private static func merged(_ mine: [UInt8], _ theirs: [UInt8]) -> [UInt8] {
        guard mine.first == Byte.openBrace, theirs.first == Byte.openBrace,
            var draft = mine.withBytes({ JSONObjectDraft($0) }),
            let other = theirs.withBytes({ JSONObjectDraft($0) })
        else { return theirs }
        draft.merge(other)
        return draft.bytes
    }

    /// The object as text.
    var bytes: [UInt8] {
        var result: [UInt8] = [Byte.openBrace]
        result.reserveCapacity(members.reduce(2) { $0 + $1.key.count + $1.value.count + 2 })
        for (index, member) in members.enumerated() {
            if index > 0 { result.append(Byte.comma) }
            result += member.key
            result.append(Byte.colon)
            result += member.value
        }
        result.append(Byte.closeBrace)
        return result
    }

    private func index(of name: StaticString) -> Int? {
        members.firstIndex { member in
            member.key.withBytes { bytes in
                var scanner = JSONScanner(bytes)
                guard let key = try? scanner.string() else { return false }
                return scanner.isEqual(key, name)
            }
        }
    }

    /// Whether two quoted keys are equal.
    private static func isSame(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left == right || text(left) == text(right)
    }

    private static func text(_ quoted: [UInt8]) -> String? {
        quoted.withBytes { bytes in
            var scanner = JSONScanner(bytes)
            return (try? scanner.string()).map { scanner.text($0) }
        }
    }

    private static func quoted(_ name: StaticString) -> [UInt8] {
        [Byte.quote] + Array(name.bytes.buffer) + [Byte.quote]
    }
}
