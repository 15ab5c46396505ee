import Foundation
import Synchronization

/// The output of commands. Results go to standard output, everything else to standard error.
///
/// Either may be closed, full or a pipe without a reader. A message that no operator can read is dropped; a result that
/// did not arrive makes the command fail (`checkOutput`).
enum Terminal {
    /// How long a terminal or pipe that takes nothing is waited for, where it does not block.
    private static let patience = Int32(10_000)

    /// The error number of the first write to standard output that failed; 0 for none.
    private static let outputError = Atomic<Int32>(0)

    /// To be called before anything is opened.
    ///
    /// The first file that is opened would get the number of a closed descriptor, and what is printed would go into it.
    /// A closed pipe must not end the process before it has cleaned up: the write fails instead.
    static func prepare() {
        for descriptor: CInt in 0...2 where fcntl(descriptor, F_GETFD) == -1 {
            // Read only, so that writing to it fails as it does to a closed one.
            _ = open("/dev/null", O_RDONLY)
        }
        signal(SIGPIPE, SIG_IGN)
    }

    static func print(_ text: String) {
        let error = write(text + "\n", to: STDOUT_FILENO)
        if error != 0 { _ = outputError.compareExchange(expected: 0, desired: error, ordering: .relaxed) }
    }

    static func printError(_ text: String) {
        // No operator is left who could be told.
        _ = write(text + "\n", to: STDERR_FILENO)
    }

    /// Whether everything printed has arrived.
    /// - Throws: `CommandFailure` if it has not.
    static func checkOutput() throws(CommandFailure) {
        guard let reason = outputFailure else { return }
        throw CommandFailure(.checkFailed, "Standard output cannot be written: \(reason).")
    }

    /// Why standard output cannot be written; nil if it can.
    static var outputFailure: String? {
        let error = outputError.load(ordering: .relaxed)
        return error == 0 ? nil : String(cString: strerror(error))
    }

    /// One JSON document, with sorted keys, for programs.
    static func printJSON(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        print(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    /// A time in microseconds since 1970 UTC, as RFC 3339 to the second.
    static func time(_ microseconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(microseconds) / 1_000_000).formatted(.iso8601)
    }

    /// Columns, each as wide as its widest cell.
    static func printTable(_ rows: [[String]]) {
        let widths = rows.reduce(into: [Int]()) { widths, row in
            for (column, cell) in row.enumerated() {
                if column == widths.count { widths.append(0) }
                widths[column] = max(widths[column], cell.count)
            }
        }
        for row in rows {
            let cells = row.enumerated().map { $1.padding(toLength: widths[$0], withPad: " ", startingAt: 0) }
            print(cells.joined(separator: "  ").trimmingCharacters(in: .whitespaces))
        }
    }

    /// Foundation's own way to write ends the process where the descriptor cannot be written.
    /// - Returns: the error number; 0 if everything was written.
    private static func write(_ text: String, to descriptor: CInt) -> Int32 {
        Array(text.utf8).withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Foundation.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count >= 0 {
                    rest = rest.dropFirst(count)
                    continue
                }
                let error = errno
                if error == EINTR { continue }
                var writable = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                guard error == EAGAIN, poll(&writable, 1, patience) > 0 else { return error }
            }
            return 0
        }
    }
}
