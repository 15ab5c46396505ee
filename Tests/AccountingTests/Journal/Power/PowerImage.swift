import Foundation

/// What a disk may have of a journal's folder when the power fails.
struct PowerImage {
    /// The files of a folder by name, read one after the other while loops write.
    struct Copy {
        var files: [String: [UInt8]] = [:]

        init(of path: String) {
            let manager = FileManager.default
            var gone: [String] = []
            for name in (try? manager.contentsOfDirectory(atPath: path)) ?? [] where name.hasSuffix(".segment") {
                if let data = manager.contents(atPath: "\(path)/\(name)") {
                    files[name] = Array(data)
                } else {
                    gone.append(name)
                }
            }
            // Files of a loop are removed in their order, and a disk keeps that order.
            for name in gone {
                let (loop, sequence) = Self.place(name)
                files = files.filter { Self.place($0.key).loop != loop || Self.place($0.key).sequence > sequence }
            }
        }

        static func place(_ name: String) -> (loop: Substring, sequence: Int) {
            let parts = name.dropLast(".segment".count).split(separator: "-")
            return (parts[parts.count - 2], Int(parts[parts.count - 1]) ?? 0)
        }
    }

    private(set) var files: [String: [UInt8]] = [:]

    /// Each block is the old or the new one.
    /// - Parameters:
    ///   - old: from after a sync, so the disk has at least this.
    ///   - new: from later.
    init(_ old: Copy, _ new: Copy, using random: inout some RandomNumberGenerator) {
        for loop in Set(new.files.keys.map { Copy.place($0).loop }) {
            let removed = old.files.keys
                .filter { Copy.place($0).loop == loop && new.files[$0] == nil }
                .sorted { Copy.place($0).sequence < Copy.place($1).sequence }
            // Of the files that were removed since, the disk may still have the latest.
            let gone = Int.random(in: 0...removed.count, using: &random)
            for name in removed.dropFirst(gone) { files[name] = old.files[name] }
            for (name, bytes) in new.files where Copy.place(name).loop == loop {
                // Before a removal the journal syncs, so the disk has more than the old copy then.
                files[name] = gone > 0 ? bytes : Self.mix(old.files[name], bytes, using: &random)
            }
        }
    }

    private static func mix(
        _ old: [UInt8]?, _ new: [UInt8], using random: inout some RandomNumberGenerator
    ) -> [UInt8] {
        // The header of a new file is on the disk before its name is.
        var mixed = old ?? Array(new.prefix(256)) + [UInt8](repeating: 0, count: new.count - 256)
        let block = Bool.random(using: &random) ? 512 : 4096
        let share = UInt64.random(in: 0...100, using: &random)
        for start in stride(from: 0, to: new.count, by: block)
        where UInt64.random(in: 0..<100, using: &random) < share {
            let end = min(start + block, new.count)
            mixed.replaceSubrange(start..<end, with: new[start..<end])
        }
        return mixed
    }

    func write(to path: String) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        for (name, bytes) in files { try Data(bytes).write(to: URL(filePath: "\(path)/\(name)")) }
    }
}
