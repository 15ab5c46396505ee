import Foundation
import Glibc

/// Reads text files, within a limit.
enum FileText {
    /// Why a file could not be read, for the operator.
    struct Failure: Error {
        let hint: String
        /// Whether the time was over: the file may be readable later.
        var isTimeout = false
    }

    /// Reads a file that is being written again, so that half of it is never mistaken for the whole.
    static func read(_ path: String, maxBytes: Int) throws(Failure) -> String {
        for _ in 0..<5 {
            let before = Stamp(path)
            let text = try readOnce(path, maxBytes: maxBytes)
            if Stamp(path) == before { return text }
        }
        throw Failure(hint: "changes while it is read; try again when it is complete")
    }

    /// What changes with every write to a file.
    private struct Stamp: Equatable {
        private let size: off_t
        private let file: ino_t
        private let seconds: Int
        private let nanoseconds: Int

        init(_ path: String) {
            var information = stat()
            stat(path, &information)
            size = information.st_size
            file = information.st_ino
            seconds = information.st_mtim.tv_sec
            nanoseconds = information.st_mtim.tv_nsec
        }
    }

    private static func readOnce(_ path: String, maxBytes: Int) throws(Failure) -> String {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw Failure(hint: "does not exist; name a file with --config PATH or GATEWAY_CONFIG")
        }
        guard !isDirectory.boolValue else { throw Failure(hint: "is a folder; name the file in it") }
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw Failure(hint: "cannot be opened; check its permissions")
        }
        defer { try? file.close() }
        guard let bytes = try? file.read(upToCount: maxBytes + 1) ?? Data() else {
            throw Failure(hint: "cannot be read")
        }
        guard bytes.count <= maxBytes else { throw Failure(hint: "is larger than \(maxBytes) bytes") }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Failure(hint: "is not UTF-8 text; invalid from line \(lineOfFirstInvalid(bytes)) on")
        }
        return text
    }

    /// Counted from 1.
    private static func lineOfFirstInvalid(_ bytes: Data) -> Int {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        return (lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0) + 1
    }
}
