/// Why a journal cannot be used. Each is for the operator: it names the folder, and says what to do.
public enum JournalError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Another process has the folder.
    case locked(path: String)
    /// A file is of a version that this gateway does not read.
    case unknownVersion(file: String, version: UInt32)
    /// The folder or a file in it cannot be used.
    case unusable(path: String, reason: String)
    /// An id that cannot be part of a segment.
    case invalidID(String)

    public var description: String {
        switch self {
        case .locked(let path):
            """
            Another process uses the journal folder \(path). Stop that gateway, or give this one a folder of its own \
            (accounting.journal.path).
            """
        case .unknownVersion(let file, let version):
            """
            \(file) is a journal in form \(version), which this gateway does not read (it reads form \
            \(SegmentHeader.version)). Start the gateway that wrote it, so that it applies its journal, and stop it \
            again; or move the file away, and lose what it holds.
            """
        case .unusable(let path, let reason):
            "The journal folder \(path) cannot be used: \(reason). Check accounting.journal.path and its permissions."
        case .invalidID(let id):
            "The journal cannot be kept under the id '\(id)': ids have 1 to \(SegmentHeader.maxTextBytes) letters, digits and hyphens."
        }
    }
}
