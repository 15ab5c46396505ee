import GatewayCore
import Logging

/// What former runs left in the folder.
struct FormerJournal: Sendable {
    /// The segments of an event loop, in their order.
    typealias Series = [FormerSegment]

    /// In which segments go whose header is damaged, or which have unreadable records.
    static let damagedFolder = "damaged"

    private(set) var segments: [FormerSegment] = []
    private var unreadable: [String] = []

    /// Looks at the headers, and removes what a stop left half made.
    /// - Throws: `unknownVersion` for a journal of another form: nothing has been changed then.
    init(in folder: SegmentFolder) throws(JournalError) {
        for name in try Self.names(in: folder, SegmentFolder.suffix) {
            switch try FormerSegment.find(name, in: folder) {
            case .segment(let segment): segments.append(segment)
            case .unreadable(let name): unreadable.append(name)
            }
        }
        for name in try Self.names(in: folder, SegmentFolder.unfinishedSuffix) {
            // On a read-only disk it stays, and does no harm.
            try? folder.remove("\(folder.path)/\(name)")
        }
    }

    private static func names(in folder: SegmentFolder, _ suffix: String) throws(JournalError) -> [String] {
        do throws(SystemError) {
            return try folder.names(suffix: suffix)
        } catch {
            throw .unusable(path: folder.path, reason: error.reason)
        }
    }

    /// Moves aside what is not of `databaseID`, and what is damaged.
    mutating func keep(databaseID: String, in folder: SegmentFolder, logger: Logger) {
        for name in unreadable {
            Self.move(name, to: Self.damagedFolder, in: folder, why: "its header is damaged", logger)
        }
        unreadable = []
        for segment in segments where segment.header.databaseID != databaseID {
            Self.move(
                segment.name, to: "database-\(Self.fileName(segment.header.databaseID))", in: folder,
                why: "it is of another database; start a gateway on that database with it to apply it", logger)
        }
        segments.removeAll { $0.header.databaseID != databaseID }
    }

    mutating func remove(_ segment: FormerSegment) {
        segments.removeAll { $0.name == segment.name }
    }

    var bytes: Int { segments.reduce(0) { $0 + $1.fileBytes } }

    var lastSequence: UInt64 { segments.map(\.header.sequence).max() ?? 0 }

    var series: [Series] {
        Dictionary(grouping: segments) { "\($0.header.replicaID)/\($0.header.loop)" }
            .sorted { $0.key < $1.key }
            .map { $0.value.sorted { $0.header.sequence < $1.header.sequence } }
    }

    static func move(_ name: String, to subfolder: String, in folder: SegmentFolder, why: String, _ logger: Logger) {
        let path = "\(folder.path)/\(name)"
        do {
            try folder.move(name, to: subfolder)
            logger.warning(
                "A segment of the journal was moved to the folder \(subfolder), and is not applied: \(why).",
                metadata: ["file": "\(path)"])
        } catch {
            logger.error(
                "A segment of the journal is not applied: \(why). It cannot be moved to the folder \(subfolder): \(error.reason).",
                metadata: ["file": "\(path)"])
        }
    }

    private static func fileName(_ id: String) -> String {
        String(id.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") ? $0 : "_" })
    }
}
