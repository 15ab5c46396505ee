/// Reads one mapping of the document, key by key.
///
/// Reading a key marks it as known; `finish()` reports the keys that were not read. Each read also records the
/// effective value, so the effective configuration comes from the same calls. An invalid value is reported and replaced
/// by a stand-in, so that one run finds all errors; the configuration is then discarded.
final class MappingReader {
    let context: ReadContext
    let place: Place
    private let entries: [DocumentNode.Entry]
    /// The document has no mapping here, which is already reported: missing required keys are not reported again.
    private let isStandIn: Bool
    private var known: [String] = []
    private(set) var effective: [EffectiveValue.Entry] = []

    init(_ node: DocumentNode?, at place: Place, context: ReadContext) {
        self.context = context
        self.place = place
        switch node?.content {
        case .mapping(let entries):
            self.entries = entries
            isStandIn = false
        case nil, .null:
            entries = []
            isStandIn = false
        case .scalar, .sequence:
            entries = []
            isStandIn = true
            context.error(at: place, "must be a mapping of keys to values")
        }
    }

    /// The place of the key `key`: its value's, or the mapping's where the key is absent.
    func place(of key: String) -> Place {
        let position = entries.first { $0.key == key }?.value.position ?? place.position
        return Place(position: position, path: path(key))
    }

    /// The value of `key`; nil if it is absent or null.
    func node(_ key: String) -> DocumentNode? {
        let isNew = !known.contains(key)
        if isNew { known.append(key) }
        guard let entry = entries.first(where: { $0.key == key }), !entry.value.isNull else { return nil }
        if isNew, UnimplementedSettings.contains(path(key)) {
            context.warning(
                at: Place(position: entry.position, path: path(key)),
                "is accepted, but has no effect in this release yet")
        }
        return entry.value
    }

    /// Whether the mapping has the key, whatever stands behind it.
    func isPresent(_ key: String) -> Bool {
        entries.contains { $0.key == key }
    }

    /// Reports a key with nothing behind it. It counts as absent nowhere: what is meant is a value, or `null`, and its
    /// default may be everything.
    /// - Returns: whether there is one.
    @discardableResult
    func refuseBlank(_ key: String, _ expected: String) -> Bool {
        guard let entry = entries.first(where: { $0.key == key }), entry.value.isBlank else { return false }
        error(key, "has nothing behind it; write \(expected), or remove the key")
        return true
    }

    /// All entries, for mappings with arbitrary keys.
    func allEntries() -> [DocumentNode.Entry] {
        known.append(contentsOf: entries.map(\.key))
        return entries
    }

    func record(_ key: String, _ value: EffectiveValue) {
        effective.append(EffectiveValue.Entry(key: key, value: value))
    }

    func error(_ key: String, _ message: String) {
        context.error(at: place(of: key), message)
    }

    /// Reports that a required key is absent.
    func missing(_ key: String, _ expected: String) {
        guard !isStandIn else { return }
        context.error(at: place(of: key), "is missing; it must be \(expected)")
    }

    /// Reports every key that was not read.
    func finish() {
        for entry in entries where !known.contains(entry.key) {
            let place = Place(position: entry.position, path: path(entry.key.asShortName))
            let hint =
                entry.key == "<<"
                ? "; merge keys are not supported, use an alias for a whole value"
                : NearestName.hint(entry.key, among: known)
            context.error(at: place, "unknown key\(hint)")
        }
    }

    private func path(_ key: String) -> String {
        place.path.isEmpty ? key : "\(place.path).\(key)"
    }
}
