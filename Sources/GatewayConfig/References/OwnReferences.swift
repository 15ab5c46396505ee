import GatewayCore

/// The references of a gateway's own file, with their values.
///
/// They are the only ones that a gateway resolves in what is stored (configuration.md, *Ownership and seeding*):
/// otherwise write access to the database would be enough to make it send any variable or file to any host. `literal.`
/// secrets are stored masked, so they are found here, too.
public struct OwnReferences: Sendable {
    struct Entry {
        /// Nil for a value that is written without a reference and stored masked, such as that of a header.
        let reference: ValueReference?
        let value: Result<Secret, ReferenceResolver.Unresolved>
    }

    /// By path, with the id of the provider or model in it: `providers[openai].auth.token`.
    private var entries: [String: Entry] = [:]

    /// - Parameters:
    ///   - entries: by path, such as `providers[0].auth.token`.
    ///   - providers: their ids, in the order of the document.
    ///   - models: likewise.
    init(_ entries: [String: Entry], providers: [String], models: [String]) {
        for (path, entry) in entries {
            if let path = Self.withID(path, providers: providers, models: models) { self.entries[path] = entry }
        }
    }

    /// The value of `reference`, which is stored at `path`; nil stands for a masked value without a reference.
    func value(of reference: ValueReference?, at path: String) throws(ReferenceResolver.Unresolved) -> Secret {
        let isMasked = reference.map(\.isLiteral) ?? true
        if let own = entries[path], own.reference == reference || (isMasked && own.isLiteral) {
            return try own.value.get()
        }
        guard let reference, !isMasked else {
            throw ReferenceResolver.Unresolved(
                reason: "its value is in the file of another gateway; write it there as env.NAME or file./path")
        }
        throw ReferenceResolver.Unresolved(
            reason: "this gateway's own file does not have \(reference.text) there, so it is not resolved")
    }

    /// The same references, with the values that their files have now. Variables keep the values of the start.
    ///
    /// Blocks until the files are read, at most a few seconds: call it on a thread that may block.
    public func rereadingFiles() -> OwnReferences {
        let files = FileReader()
        let resolver = ReferenceResolver(environment: [:]) { try files.read($0, maxBytes: FileReader.maxValueBytes) }
        var copy = self
        for (path, entry) in entries {
            guard let reference = entry.reference, case .file = reference else { continue }
            let value = Result { () throws(ReferenceResolver.Unresolved) in try resolver.resolve(reference) }
            copy.entries[path] = Entry(reference: reference, value: value)
        }
        return copy
    }

    /// `providers[0].auth.token` → `providers[openai].auth.token`; nil for a path outside the entries.
    private static func withID(_ path: String, providers: [String], models: [String]) -> String? {
        for (section, ids) in [("providers", providers), ("models", models)] {
            guard path.hasPrefix("\(section)["), let end = path.firstIndex(of: "]"),
                let index = Int(path[..<end].dropFirst(section.count + 1)), ids.indices.contains(index)
            else { continue }
            return "\(section)[\(ids[index])\(path[end...])"
        }
        return nil
    }
}

extension OwnReferences.Entry {
    fileprivate var isLiteral: Bool { reference?.isLiteral ?? true }
}

extension ValueReference {
    fileprivate var isLiteral: Bool {
        if case .literal = self { true } else { false }
    }
}
